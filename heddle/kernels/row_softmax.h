#pragma once
// y = softmax(sign·x) of one row, and its backward pass. For the few numbers of a row of experts, sources or features;
// a vocabulary's is in cross_entropy.h.

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace heddle::kernels {

// x [width], width ≥ 1 → y [width], which may be x. sign: 1 or -1.
template <class T>
void row_softmax(const T* x, int64_t width, T* y, T sign = 1) {
  T top = sign * x[0], sum = 0;
  for (int64_t c = 1; c < width; ++c) top = std::max(top, sign * x[c]);
  for (int64_t c = 0; c < width; ++c) sum += y[c] = std::exp(sign * x[c] - top);
  for (int64_t c = 0; c < width; ++c) y[c] /= sum;
}

// dx += sign·y⊙(dy - y·dy).
template <class T>
void row_softmax_backward(const T* y, const T* dy, int64_t width, T* dx, T sign = 1) {
  T mean = 0;
  for (int64_t c = 0; c < width; ++c) mean += y[c] * dy[c];
  for (int64_t c = 0; c < width; ++c) dx[c] += sign * y[c] * (dy[c] - mean);
}

}  // namespace heddle::kernels
