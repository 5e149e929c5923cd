#include "heddle/ops/scale_norm.h"

#include <cmath>

#include "heddle/kernels/row_pieces.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {
namespace {

constexpr double kEpsilon = 1e-5;

template <class T>
T norm_of(const T* x, int64_t width) {
  T squares = 0;
  for (int64_t c = 0; c < width; ++c) squares += x[c] * x[c];
  return std::sqrt(squares);
}

template <class T>
T length_of(const Tensor& length, int64_t piece) {
  return length.defined() ? length.data<T>()[piece] : T{1};
}

}  // namespace

Tensor scale_norm(const Tensor& x, const Tensor& length, const Rows& rows, int64_t pieces) {
  HEDDLE_CHECK(x.width() % pieces == 0 && (!length.defined() || length.count() == pieces),
               "{} pieces do not fit rows of width {}", pieces, x.width());
  Tensor y = new_tensor(x.shape(), x.dtype());
  const int64_t width = x.width() / pieces;
  with_real_type(x.dtype(), [&]<class T>(T) {
    parallel_for(x.rows() * pieces, kernels::row_grain(width), [&](int64_t begin, int64_t end, int) {
      for (int64_t v = begin; v < end; ++v) {
        const T* from = x.data<T>() + v * width;
        const T factor = length_of<T>(length, v % pieces) / std::max(norm_of(from, width), static_cast<T>(kEpsilon));
        for (int64_t c = 0; c < width; ++c) y.data<T>()[v * width + c] = factor * from[c];
      }
    });
  });
  if (Tape* tape = recording({&x, &length}))
    tape->record({&x, &length}, {&y}, rows,
                 [x = tape->save(x), length = stop_gradient(length), pieces, width](Backward& b) {
      const int64_t vectors = x.shape.rows() * pieces;
      const Tensor value = x.load(), dx = new_tensor(x.shape, x.dtype), dots = new_tensor({vectors}, x.dtype);
      const Tensor& dy = b.gradient(0);
      with_real_type(x.dtype, [&]<class T>(T) {
        parallel_for(vectors, kernels::row_grain(width), [&](int64_t begin, int64_t end, int) {
          for (int64_t v = begin; v < end; ++v) {
            const T *from = value.data<T>() + v * width, *g = dy.data<T>() + v * width;
            const T norm = norm_of(from, width);
            const bool floored = norm < static_cast<T>(kEpsilon);  // then the length of x is what it is
            const T inverse = 1 / (floored ? static_cast<T>(kEpsilon) : norm);
            T dot = 0;  // of dy with x/‖x‖
            for (int64_t c = 0; c < width; ++c) dot += g[c] * from[c] * inverse;
            dots.data<T>()[v] = dot;
            const T factor = length_of<T>(length, v % pieces) * inverse, back = floored ? T{0} : dot * inverse;
            for (int64_t c = 0; c < width; ++c) dx.data<T>()[v * width + c] = factor * (g[c] - from[c] * back);
          }
        });
        if (length.defined())
          b.parameter(1, length.shape(), length.dtype(), [&](const Tensor& slot, int64_t begin, int64_t end) {
            for (int64_t v = begin * pieces; v < end * pieces; ++v) slot.data<T>()[v % pieces] += dots.data<T>()[v];
          });
      });
      if (b.wants(0)) b.pass(0, dx);
    });
  return y;
}

}  // namespace heddle::ops
