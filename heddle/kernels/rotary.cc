#include "heddle/kernels/rotary.h"

#include <algorithm>

#include "heddle/base/thread_loop.h"

namespace heddle::kernels {

template <class T>
void rotate(const RotaryRows<T>& rows, const T* x, int64_t x_stride, T* y, int64_t y_stride, bool back) {
  const int64_t half = rows.width / 2;
  parallel_for(rows.rows, 8192 / std::max<int64_t>(rows.heads * rows.width, 1) + 1,
               [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) {
      const T *cosine = rows.cosine + rows.position[r] * half, *sine = rows.sine + rows.position[r] * half;
      for (int64_t h = 0; h < rows.heads; ++h) {
        const T* from = x + r * x_stride + h * rows.width;
        T* to = y + r * y_stride + h * rows.width;
        for (int64_t c = 0; c < half; ++c) {
          const T a = from[c], b = from[c + half], s = back ? -sine[c] : sine[c];
          to[c] = a * cosine[c] - b * s;
          to[c + half] = b * cosine[c] + a * s;
        }
      }
    }
  });
}

template void rotate(const RotaryRows<float>&, const float*, int64_t, float*, int64_t, bool);
template void rotate(const RotaryRows<double>&, const double*, int64_t, double*, int64_t, bool);

}  // namespace heddle::kernels
