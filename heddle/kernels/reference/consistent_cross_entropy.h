#pragma once
// See heddle/kernels/consistent_cross_entropy.h: the two cross-entropies, and the divergence by its definition.

#include <vector>

#include "heddle/kernels/reference/cross_entropy.h"

namespace heddle::kernels::reference {

template <class T>
CrossEntropySums consistent_cross_entropy(int64_t rows, int64_t classes, T* first, T* second, const T* bias,
                                          const int32_t* targets, double smoothing, Smoothing convention, double scale,
                                          double consistency) {
  CrossEntropySums sums;
  const auto n = static_cast<size_t>(classes);
  std::vector<T> p(n), q(n);
  for (int64_t r = 0; r < rows; ++r) {
    T* x = first + r * classes;
    T* y = second + r * classes;
    for (size_t c = 0; c < n; ++c) {
      p[c] = x[c] + (bias ? bias[c] : T{0});
      q[c] = y[c] + (bias ? bias[c] : T{0});
    }
    for (T* row : {x, y}) sums += cross_entropy(1, classes, row, bias, targets + r, smoothing, convention, scale);
    if (targets[r] < 0) continue;
    log_softmax(1, classes, p.data());
    log_softmax(1, classes, q.data());
    T p_over_q = 0, q_over_p = 0;  // KL(p||q), KL(q||p)
    for (size_t c = 0; c < n; ++c) {
      p_over_q += std::exp(p[c]) * (p[c] - q[c]);
      q_over_p += std::exp(q[c]) * (q[c] - p[c]);
    }
    sums.loss += consistency / 2 * static_cast<double>(p_over_q + q_over_p);
    const T factor = static_cast<T>(scale * consistency / 2);
    for (size_t c = 0; c < n; ++c) {
      const T a = std::exp(p[c]), b = std::exp(q[c]);
      x[c] += factor * (a * (p[c] - q[c] - p_over_q) + a - b);
      y[c] += factor * (b * (q[c] - p[c] - q_over_p) + b - a);
    }
  }
  return sums;
}

}  // namespace heddle::kernels::reference
