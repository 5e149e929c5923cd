#include "heddle/ops/int8_rows.h"

#include <cmath>

#include "heddle/kernels/row_pieces.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {
namespace {

// 0: the row stays as it is.
template <class T>
T scale_of(const T* row, int64_t width) {
  T most = 0;
  for (int64_t c = 0; c < width; ++c) {
    if (!std::isfinite(row[c])) return 0;
    most = std::max(most, std::abs(row[c]));
  }
  if (most < T(1e-30)) return 0;
  int exponent = 0;
  const double share = std::frexp(static_cast<double>(most) / 127, &exponent);
  return static_cast<T>(std::ldexp(std::ceil(share * 65536) / 65536, exponent));
}

}  // namespace

Tensor int8_rows(const Tensor& x, double factor, const Rows& rows) {
  Tensor y = new_tensor(x.shape(), x.dtype());
  const int64_t width = x.width();
  with_real_type(x.dtype(), [&]<class T>(T) {
    const T *from = x.data<T>(), by = static_cast<T>(factor);
    T* to = y.data<T>();
    parallel_for(x.rows(), kernels::row_grain(4 * width), [&](int64_t begin, int64_t end, int) {
      for (int64_t r = begin; r < end; ++r) {
        const T scale = scale_of(from + r * width, width);
        for (int64_t i = r * width; i < (r + 1) * width; ++i)
          to[i] = by * (scale > 0 ? scale * std::nearbyint(from[i] / scale) : from[i]);
      }
    });
  });
  if (Tape* tape = recording({&x}))
    tape->record({&x}, {&y}, rows, [factor](Backward& b) {
      if (!b.wants(0)) return;
      const Tensor& dy = b.gradient(0);
      const Tensor dx = new_tensor(dy.shape(), dy.dtype());
      with_real_type(dy.dtype(), [&]<class T>(T) {
        for (int64_t i = 0; i < dy.count(); ++i) dx.data<T>()[i] = static_cast<T>(factor) * dy.data<T>()[i];
      });
      b.pass(0, dx);
    });
  return y;
}

Int8Rows to_int8(const Tensor& x) {
  const Int8Rows result = {Tensor::zeros(x.shape(), DType::i8), Tensor::zeros({x.rows()}, DType::f32)};
  for (int64_t r = 0; r < x.rows(); ++r) {
    const float* row = x.data<float>() + r * x.width();
    const float scale = scale_of(row, x.width());
    result.scales.data<float>()[r] = scale;
    for (int64_t c = 0; c < x.width() && scale > 0; ++c)
      result.values.data<int8_t>()[r * x.width() + c] = static_cast<int8_t>(std::nearbyint(row[c] / scale));
  }
  return result;
}

void from_int8(const Int8Rows& rows, const Tensor& to) {
  for (int64_t r = 0; r < to.rows(); ++r)
    for (int64_t c = 0; c < to.width(); ++c) {
      const int64_t i = r * to.width() + c;
      to.data<float>()[i] = rows.scales.data<float>()[r] * static_cast<float>(rows.values.data<int8_t>()[i]);
    }
}

}  // namespace heddle::ops
