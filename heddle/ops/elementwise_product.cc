#include "heddle/ops/elementwise_product.h"

#include "heddle/kernels/row_pieces.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {
namespace {

// The gradients of both, where wanted.
template <class T>
void gradients(const Tensor& a, const Tensor& b, const Tensor& dy, const Tensor& da, const Tensor& db) {
  const int64_t width = dy.width(), step = b.width() == width ? 1 : 0;
  const T *left = a.data<T>(), *right = b.data<T>(), *g = dy.data<T>();
  T *to_left = da.data<T>(), *to_right = db.data<T>();
  parallel_for(dy.rows(), kernels::row_grain(4 * width), [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) {
      const T* factor = right + r * (step ? width : 1);
      T* of_factor = to_right + r * (step ? width : 1);
      if (!step) *of_factor = 0;
      for (int64_t c = 0; c < width; ++c) {
        const int64_t i = r * width + c;
        to_left[i] = g[i] * factor[c * step];
        if (step) of_factor[c] = g[i] * left[i];
        else *of_factor += g[i] * left[i];
      }
    }
  });
}

}  // namespace

Tensor elementwise_product(const Tensor& a, const Tensor& b, const Rows& rows) {
  const int64_t width = a.width(), step = b.width() == width ? 1 : 0;
  HEDDLE_CHECK(a.rows() == b.rows() && (step == 1 || b.width() == 1), "{} and {} cannot be multiplied row by row",
               a.shape().text(), b.shape().text());
  Tensor y = new_tensor(a.shape(), a.dtype());
  with_real_type(a.dtype(), [&]<class T>(T) {
    const T *left = a.data<T>(), *right = b.data<T>();
    T* to = y.data<T>();
    parallel_for(a.rows(), kernels::row_grain(width), [&](int64_t begin, int64_t end, int) {
      for (int64_t r = begin; r < end; ++r) {
        const T* factor = right + r * (step ? width : 1);
        for (int64_t c = 0; c < width; ++c) to[r * width + c] = left[r * width + c] * factor[c * step];
      }
    });
  });
  if (Tape* tape = recording({&a, &b}))
    tape->record({&a, &b}, {&y}, rows, [a = tape->save(a), b = tape->save(b)](Backward& back) {
      const Tensor da = new_tensor(a.shape, a.dtype), db = new_tensor(b.shape, b.dtype);
      with_real_type(da.dtype(), [&]<class T>(T) { gradients<T>(a.load(), b.load(), back.gradient(0), da, db); });
      if (back.wants(0)) back.pass(0, da);
      if (back.wants(1)) back.pass(1, db);
    });
  return y;
}

}  // namespace heddle::ops
