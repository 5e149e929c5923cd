#include "heddle/kernels/learned_activation.h"

#include <cmath>

#include "heddle/kernels/row_pieces.h"

namespace heddle::kernels {
namespace {

template <class T>
T value_of(LearnedActivation activation, T x, T p) {
  if (activation == LearnedActivation::prelu) return x > 0 ? x : p * x;
  return x / (1 + std::exp(-p * x));
}

template <class T>
struct Slopes {
  T x, p;
};

template <class T>
Slopes<T> slopes_of(LearnedActivation activation, T x, T p) {
  if (activation == LearnedActivation::prelu) return x > 0 ? Slopes<T>{1, 0} : Slopes<T>{p, x};
  const T s = 1 / (1 + std::exp(-p * x));
  const T rate = s * (1 - s);    // of σ
  if (rate == 0) return {s, 0};  // x² may overflow there
  return {s + x * p * rate, x * x * rate};
}

template <class T>
void forward(LearnedActivation activation, int64_t rows, int64_t width, const T* x, const T* bias, const T* p,
             const Dropout& dropout, T* y) {
  parallel_for(rows, row_grain(width), [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r)
      for (int64_t c = 0; c < width; ++c) {
        const int64_t i = r * width + c;
        y[i] = value_of(activation, x[i] + (bias ? bias[c] : T{0}), p[c]) * static_cast<T>(dropout.factor(r, c));
      }
  });
}

template <class T>
void backward(LearnedActivation activation, int64_t rows, int64_t width, const T* x, const T* bias, const T* p,
              const Dropout& dropout, const T* dy, T* dx, T* dp) {
  parallel_for(rows, row_grain(width), [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r)
      for (int64_t c = 0; c < width; ++c) {
        const int64_t i = r * width + c;
        const Slopes<T> slopes = slopes_of(activation, x[i] + (bias ? bias[c] : T{0}), p[c]);
        const T gradient = dy[i] * static_cast<T>(dropout.factor(r, c));
        dx[i] = gradient * slopes.x;
        dp[i] = gradient * slopes.p;
      }
  });
}

}  // namespace

void learned_activation(LearnedActivation activation, int64_t rows, int64_t width, const float* x, const float* bias,
                        const float* p, const Dropout& dropout, float* y) {
  forward(activation, rows, width, x, bias, p, dropout, y);
}

void learned_activation(LearnedActivation activation, int64_t rows, int64_t width, const double* x, const double* bias,
                        const double* p, const Dropout& dropout, double* y) {
  forward(activation, rows, width, x, bias, p, dropout, y);
}

void learned_activation_backward(LearnedActivation activation, int64_t rows, int64_t width, const float* x,
                                 const float* bias, const float* p, const Dropout& dropout, const float* dy, float* dx,
                                 float* dp) {
  backward(activation, rows, width, x, bias, p, dropout, dy, dx, dp);
}

void learned_activation_backward(LearnedActivation activation, int64_t rows, int64_t width, const double* x,
                                 const double* bias, const double* p, const Dropout& dropout, const double* dy,
                                 double* dx, double* dp) {
  backward(activation, rows, width, x, bias, p, dropout, dy, dx, dp);
}

}  // namespace heddle::kernels
