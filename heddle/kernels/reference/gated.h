#pragma once
// Gated linear units as in the textbook; see heddle/kernels/gated.h.

#include "heddle/kernels/gated.h"
#include "heddle/kernels/reference/activation.h"

namespace heddle::kernels::reference {

template <class T>
void gated(Activation gate, int64_t rows, int64_t width, const T* x, const T* bias, const Dropout& dropout, T* y) {
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < width; ++c) {
      const T* row = x + 2 * r * width;
      const T g = row[c] + (bias ? bias[c] : T{0}), u = row[width + c] + (bias ? bias[width + c] : T{0});
      y[r * width + c] = activate(gate, g) * u * static_cast<T>(dropout.factor(r, c));
    }
}

template <class T>
void gated_backward(Activation gate, int64_t rows, int64_t width, const T* x, const T* bias, const Dropout& dropout,
                    const T* dy, T* dx) {
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < width; ++c) {
      const T* row = x + 2 * r * width;
      const T g = row[c] + (bias ? bias[c] : T{0}), u = row[width + c] + (bias ? bias[width + c] : T{0});
      const T dropped = dy[r * width + c] * static_cast<T>(dropout.factor(r, c));
      dx[2 * r * width + c] = dropped * u * slope(gate, g);
      dx[2 * r * width + width + c] = dropped * activate(gate, g);
    }
}

}  // namespace heddle::kernels::reference
