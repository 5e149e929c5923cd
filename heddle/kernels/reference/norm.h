#pragma once
// Norms as in the textbook; see heddle/kernels/norm.h.

#include <cmath>

#include "heddle/kernels/norm.h"

namespace heddle::kernels::reference {

template <class T>
void residual_sum(int64_t rows, int64_t width, const T* x, const T* bias, const T* residual, const Dropout& dropout,
                  T* s) {
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < width; ++c) {
      const int64_t i = r * width + c;
      s[i] = (residual ? residual[i] : T{0}) + (x[i] + (bias ? bias[c] : T{0})) * static_cast<T>(dropout.factor(r, c));
    }
}

template <class T>
void norm(NormKind kind, int64_t rows, int64_t width, const T* s, const T* gain, const T* shift, T epsilon, T* y,
          T* mean, T* rstd) {
  for (int64_t r = 0; r < rows; ++r) {
    const T* row = s + r * width;
    T sum = 0, squares = 0;
    for (int64_t c = 0; c < width; ++c) sum += row[c];
    mean[r] = kind == NormKind::layer ? sum / static_cast<T>(width) : T{0};
    for (int64_t c = 0; c < width; ++c) squares += (row[c] - mean[r]) * (row[c] - mean[r]);
    rstd[r] = 1 / std::sqrt(squares / static_cast<T>(width) + epsilon);
    for (int64_t c = 0; c < width; ++c)
      y[r * width + c] = (row[c] - mean[r]) * rstd[r] * gain[c] + (shift ? shift[c] : T{0});
  }
}

template <class T>
void norm_backward(NormKind kind, int64_t rows, int64_t width, const T* s, const T* gain, const T* mean, const T* rstd,
                   const T* dy, T* ds, bool accumulate) {
  for (int64_t r = 0; r < rows; ++r) {
    const T *row = s + r * width, *dy_row = dy + r * width;
    T sum = 0, dot = 0;  // of g = dy·gain, and of g·x̂
    for (int64_t c = 0; c < width; ++c) {
      sum += dy_row[c] * gain[c];
      dot += dy_row[c] * gain[c] * (row[c] - mean[r]) * rstd[r];
    }
    const T mean_g = kind == NormKind::layer ? sum / static_cast<T>(width) : T{0};
    for (int64_t c = 0; c < width; ++c) {
      const T normal = (row[c] - mean[r]) * rstd[r];
      const T gradient = rstd[r] * (dy_row[c] * gain[c] - mean_g - normal * dot / static_cast<T>(width));
      T& target = ds[r * width + c];
      target = accumulate ? target + gradient : gradient;
    }
  }
}

template <class T>
void norm_parameter_gradients(int64_t rows, int64_t width, const T* s, const T* mean, const T* rstd, const T* dy,
                              T* dgain, T* dshift) {
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < width; ++c) {
      dgain[c] += dy[r * width + c] * (s[r * width + c] - mean[r]) * rstd[r];
      if (dshift) dshift[c] += dy[r * width + c];
    }
}

}  // namespace heddle::kernels::reference
