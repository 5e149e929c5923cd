#pragma once
// Activations as in the textbook; see heddle/kernels/activation.h.

#include <algorithm>
#include <cmath>

#include "heddle/kernels/activation.h"

namespace heddle::kernels::reference {

template <class T>
T activate(Activation activation, T x) {
  switch (activation) {
    case Activation::none: return x;
    case Activation::relu: return x < 0 ? T{0} : x;  // not a number stays one
    case Activation::squared_relu: return x < 0 ? T{0} : x * x;
    case Activation::gelu: return T(0.5) * x * (1 + std::erf(x * T(0.70710678118654752)));
    case Activation::gelu_tanh: {
      const T inner = T(0.79788456080286536) * (x + T(0.044715) * x * x * x);
      return T(0.5) * x * (1 + std::tanh(inner));
    }
    case Activation::silu: return x / (1 + std::exp(-x));
  }
  return x;
}

// The derivative of activate().
template <class T>
T slope(Activation activation, T x) {
  switch (activation) {
    case Activation::none: return 1;
    case Activation::relu: return x > 0 ? T{1} : T{0};
    case Activation::squared_relu: return x > 0 ? 2 * x : T{0};
    case Activation::gelu:
      return T(0.5) * (1 + std::erf(x * T(0.70710678118654752))) + x * std::exp(-x * x / 2) * T(0.39894228040143268);
    case Activation::gelu_tanh: {
      const T z = std::clamp(x, T(-50), T(50));  // 0 or 1 long before; x² may overflow
      const T t = std::tanh(T(0.79788456080286536) * (z + T(0.044715) * z * z * z));
      return T(0.5) * (1 + t) + T(0.5) * z * (1 - t * t) * T(0.79788456080286536) * (1 + T(3 * 0.044715) * z * z);
    }
    case Activation::silu: {
      const T s = 1 / (1 + std::exp(-x));
      return s * (1 + x * (1 - s));
    }
  }
  return 1;
}

template <class T>
void bias_activation(Activation activation, int64_t rows, int64_t width, const T* x, const T* bias,
                     const Dropout& dropout, T* y) {
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < width; ++c)
      y[r * width + c] =
          activate(activation, x[r * width + c] + (bias ? bias[c] : T{0})) * static_cast<T>(dropout.factor(r, c));
}

template <class T>
void bias_activation_backward(Activation activation, int64_t rows, int64_t width, const T* x, const T* bias,
                              const Dropout& dropout, const T* dy, T* dx) {
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < width; ++c)
      dx[r * width + c] =
          dy[r * width + c] * static_cast<T>(dropout.factor(r, c)) *
          (activation == Activation::none ? T{1} : slope(activation, x[r * width + c] + (bias ? bias[c] : T{0})));
}

}  // namespace heddle::kernels::reference
