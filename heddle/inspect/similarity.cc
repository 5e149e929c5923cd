#include "heddle/inspect/similarity.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "heddle/ops/dispatch.h"
#include "heddle/ops/product.h"

namespace heddle::inspect {
namespace {

// Columns with mean 0, the whole with norm 1 so that no product overflows.
Tensor centered(const Tensor& x) {
  Tensor y = keep(x);
  ops::with_real_type(y.dtype(), [&]<class T>(T) {
    const std::span<T> values = y.span<T>();
    const auto width = static_cast<size_t>(y.width()), rows = static_cast<size_t>(y.rows());
    double squares = 0;
    for (size_t c = 0; c < width; ++c) {
      double sum = 0;
      for (size_t r = 0; r < rows; ++r) sum += static_cast<double>(values[r * width + c]);
      for (size_t r = 0; r < rows; ++r) {
        T& value = values[r * width + c];
        value = static_cast<T>(static_cast<double>(value) - sum / static_cast<double>(rows));
        squares += static_cast<double>(value) * static_cast<double>(value);
      }
    }
    for (T& value : values)
      value = squares > 0 ? static_cast<T>(static_cast<double>(value) / std::sqrt(squares)) : T{0};
  });
  return y;
}

double norm_of(const Tensor& x) {
  return ops::with_real_type(x.dtype(), [&]<class T>(T) {
    double sum = 0;
    for (const T value : x.span<T>()) sum += static_cast<double>(value) * static_cast<double>(value);
    return std::sqrt(sum);
  });
}

}  // namespace

double linear_cka(const Tensor& x, const Tensor& y) {
  HEDDLE_CHECK(x.rows() == y.rows() && x.dtype() == y.dtype(), "states {} and {} are not of the same rows",
               x.shape().text(), y.shape().text());
  if (x.rows() == 0) return 0;
  const Tensor a = centered(x), b = centered(y);
  const auto alike = [](const Tensor& left, const Tensor& right) {
    return norm_of(ops::product(left, right, ops::Transposed::a, ops::Compute::f32));
  };
  const double together = alike(b, a), alone = alike(a, a) * alike(b, b);
  return alone > 0 ? together * together / alone : 0;
}

double mean_cosine(const Tensor& a, const Tensor& b) {
  HEDDLE_CHECK(a.shape() == b.shape() && a.dtype() == b.dtype(), "states {} and {} are not of the same rows",
               a.shape().text(), b.shape().text());
  return ops::with_real_type(a.dtype(), [&]<class T>(T) {
    double sum = 0;
    for (int64_t r = 0; r < a.rows(); ++r) {
      const T* x = a.data<T>() + r * a.width();
      const T* y = b.data<T>() + r * a.width();
      double xy = 0, xx = 0, yy = 0;
      for (int64_t c = 0; c < a.width(); ++c) {
        xy += static_cast<double>(x[c]) * static_cast<double>(y[c]);
        xx += static_cast<double>(x[c]) * static_cast<double>(x[c]);
        yy += static_cast<double>(y[c]) * static_cast<double>(y[c]);
      }
      sum += xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 0;
    }
    return sum / static_cast<double>(std::max<int64_t>(1, a.rows()));
  });
}

}  // namespace heddle::inspect
