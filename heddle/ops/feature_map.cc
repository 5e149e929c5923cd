#include "heddle/ops/feature_map.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "heddle/kernels/feature_map.h"
#include "heddle/kernels/matmul.h"
#include "heddle/kernels/row_pieces.h"
#include "heddle/kernels/row_softmax.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {
namespace {

constexpr double kLeastRelu = 1e-3, kLeastExp = 1e-6, kCap = 40;
constexpr double kNoCap = std::numeric_limits<float>::max();

// forward(x, y), and backward(y, dy, dx).
template <class Forward, class Back>
Tensor map_elements(const Tensor& x, const Rows& rows, Forward&& forward, Back back) {
  Tensor y = new_tensor(x.shape(), x.dtype());
  with_real_type(x.dtype(), [&]<class T>(T) { forward(x.data<T>(), y.data<T>()); });
  if (Tape* tape = recording({&x}))
    tape->record({&x}, {&y}, rows, [y = tape->save(y), back](Backward& b) {
      const Tensor value = y.load(), dx = new_tensor(y.shape, y.dtype);
      with_real_type(y.dtype,
                     [&]<class T>(T) { back(value.data<T>(), b.gradient(0).data<T>(), dx.data<T>(), dx.count()); });
      b.pass(0, dx);
    });
  return y;
}

// Exponents Ω·x' of all pieces, [tokens·pieces, features].
template <class T>
Tensor exponents_of(const Tensor& x, const Tensor& directions, double scale, int64_t pieces) {
  const int64_t width = directions.width(), features = directions.rows();
  Tensor exponents = new_tensor({x.rows() * pieces, features}, x.dtype());
  kernels::matmul({.m = exponents.rows(),
                   .n = features,
                   .k = width,
                   .transpose_b = true,
                   .lda = width,
                   .ldb = width,
                   .ldc = features},
                  x.data<T>(), directions.data<T>(), exponents.data<T>());
  T* values = exponents.data<T>();
  parallel_for(exponents.count(), kernels::row_grain(1), [=](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) values[i] *= static_cast<T>(scale);
  });
  return exponents;
}

template <class T>
T half_square(const T* x, int64_t width, double scale) {
  T squares = 0;
  for (int64_t c = 0; c < width; ++c) squares += x[c] * x[c];
  return static_cast<T>(scale * scale / 2) * squares;
}

// de of the exponents becomes the gradient of the unshifted ones: a query's largest stays 0 whatever it is.
template <class T>
void through_shift(bool is_query, int64_t features, const T* y, const T* dy, T* de, T& total) {
  total = 0;
  int64_t top = 0;
  for (int64_t f = 0; f < features; ++f) {
    const T power = y[f] - static_cast<T>(kLeastExp);
    de[f] = !is_query && power >= static_cast<T>(0.9999 * std::exp(kCap)) ? T{0} : dy[f] * power;
    total += de[f];
    if (y[f] > y[top]) top = f;
  }
  if (is_query) de[top] -= total;
}

Tensor random_features(const Tensor& x, const Tensor& directions, double scale, const Rows& rows, int64_t pieces,
                       bool is_query) {
  const int64_t width = directions.width(), features = directions.rows();
  HEDDLE_CHECK(x.width() == pieces * width, "{} pieces of width {} do not fit rows of width {}", pieces, width,
               x.width());
  Tensor y = new_tensor({x.rows(), pieces * features}, x.dtype());
  with_real_type(x.dtype(), [&]<class T>(T) {
    const Tensor exponents = exponents_of<T>(x, directions, scale, pieces);
    const Tensor shift = new_tensor({exponents.rows()}, x.dtype());
    parallel_for(exponents.rows(), kernels::row_grain(features), [&](int64_t begin, int64_t end, int) {
      for (int64_t v = begin; v < end; ++v) {
        const T* of = exponents.data<T>() + v * features;
        shift.data<T>()[v] =
            is_query ? *std::max_element(of, of + features) : half_square(x.data<T>() + v * width, width, scale);
      }
    });
    kernels::exp_features(exponents.rows(), features, exponents.data<T>(), shift.data<T>(), is_query ? kNoCap : kCap,
                          kLeastExp, y.data<T>());
  });
  if (Tape* tape = recording({&x}))
    tape->record({&x}, {&y}, rows,
                 [x = tape->save(x), y = tape->save(y), directions = stop_gradient(directions), scale, pieces, width,
                  features, is_query](Backward& b) {
      const int64_t vectors = x.shape.rows() * pieces;
      const Tensor value = x.load(), of_y = y.load(), dx = new_tensor(x.shape, x.dtype),
                   de = new_tensor({vectors, features}, x.dtype), totals = new_tensor({vectors}, x.dtype);
      const Tensor& dy = b.gradient(0);
      with_real_type(x.dtype, [&]<class T>(T) {
        parallel_for(vectors, kernels::row_grain(features), [&](int64_t begin, int64_t end, int) {
          for (int64_t v = begin; v < end; ++v)
            through_shift(is_query, features, of_y.data<T>() + v * features, dy.data<T>() + v * features,
                          de.data<T>() + v * features, totals.data<T>()[v]);
        });
        kernels::matmul({.m = vectors, .n = width, .k = features, .lda = features, .ldb = width, .ldc = width},
                        de.data<T>(), directions.data<T>(), dx.data<T>());
        parallel_for(vectors, kernels::row_grain(width), [&](int64_t begin, int64_t end, int) {
          for (int64_t v = begin; v < end; ++v) {
            const T back = is_query ? T{0} : static_cast<T>(scale * scale) * totals.data<T>()[v];
            const T* from = value.data<T>() + v * width;
            T* to = dx.data<T>() + v * width;
            for (int64_t c = 0; c < width; ++c) to[c] = static_cast<T>(scale) * to[c] - back * from[c];
          }
        });
      });
      b.pass(0, dx);
    });
  return y;
}

}  // namespace

Tensor elu_features(const Tensor& x, const Rows& rows) {
  return map_elements(
      x, rows, [&](const auto* from, auto* to) { kernels::elu_features(x.rows(), x.width(), from, to); },
      [](const auto* y, const auto* dy, auto* dx, int64_t count) { kernels::elu_features_backward(count, y, dy, dx); });
}

Tensor relu_features(const Tensor& x, const Rows& rows) {
  return map_elements(
      x, rows,
      [&]<class T>(const T* from, T* to) { kernels::relu_features(x.count(), from, static_cast<T>(kLeastRelu), to); },
      []<class T>(const T* y, const T* dy, T* dx, int64_t count) {
    kernels::relu_features_backward(count, y, static_cast<T>(kLeastRelu), dy, dx);
      });
}

Tensor softmax_features(const Tensor& x, const Rows& rows, int64_t pieces) {
  const int64_t width = x.width() / pieces, vectors = x.rows() * pieces;
  Tensor y = new_tensor({x.rows(), 2 * x.width()}, x.dtype());
  with_real_type(x.dtype(), [&]<class T>(T) {
    parallel_for(vectors, kernels::row_grain(8 * width), [&](int64_t begin, int64_t end, int) {
      for (int64_t v = begin; v < end; ++v) {
        kernels::row_softmax(x.data<T>() + v * width, width, y.data<T>() + 2 * v * width);
        kernels::row_softmax(x.data<T>() + v * width, width, y.data<T>() + (2 * v + 1) * width, T{-1});
      }
    });
  });
  if (Tape* tape = recording({&x}))
    tape->record({&x}, {&y}, rows, [y = tape->save(y), shape = x.shape(), width, vectors](Backward& b) {
      const Tensor value = y.load(), dx = new_zeros(shape, y.dtype);
      with_real_type(y.dtype, [&]<class T>(T) {
        const T *of = value.data<T>(), *dy = b.gradient(0).data<T>();
        parallel_for(vectors, kernels::row_grain(8 * width), [&](int64_t begin, int64_t end, int) {
          for (int64_t v = begin; v < end; ++v)
            for (const int64_t side : {0, 1})
              kernels::row_softmax_backward(of + (2 * v + side) * width, dy + (2 * v + side) * width, width,
                                            dx.data<T>() + v * width, side ? T{-1} : T{1});
        });
      });
      b.pass(0, dx);
    });
  return y;
}

Tensor random_query_features(const Tensor& x, const Tensor& directions, double scale, const Rows& rows,
                             int64_t pieces) {
  return random_features(x, directions, scale, rows, pieces, true);
}

Tensor random_key_features(const Tensor& x, const Tensor& directions, double scale, const Rows& rows, int64_t pieces) {
  return random_features(x, directions, scale, rows, pieces, false);
}

}  // namespace heddle::ops
