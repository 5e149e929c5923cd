#pragma once
// A row of gain·tanh(α·x) + shift as in the textbook; see heddle/kernels/dynamic_tanh.h.

#include <cmath>
#include <cstdint>

namespace heddle::kernels::reference {

template <class T>
void dynamic_tanh(int64_t width, const T* x, T alpha, const T* gain, const T* shift, T* y) {
  for (int64_t c = 0; c < width; ++c) y[c] = gain[c] * std::tanh(alpha * x[c]) + shift[c];
}

// Returns the part of α's gradient.
template <class T>
T dynamic_tanh_backward(int64_t width, const T* x, T alpha, const T* gain, const T* dy, T* dx, T* dgain) {
  T sum = 0;
  for (int64_t c = 0; c < width; ++c) {
    const T t = std::tanh(alpha * x[c]);
    const T inner = dy[c] * gain[c] * (1 - t * t);  // d loss / d(α·x)
    dgain[c] = dy[c] * t;
    dx[c] = inner * alpha;
    sum += inner * x[c];
  }
  return sum;
}

}  // namespace heddle::kernels::reference
