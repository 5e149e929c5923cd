#pragma once
// Cross-entropy as in the textbook; see heddle/kernels/cross_entropy.h.

#include <algorithm>
#include <cmath>
#include <limits>

#include "heddle/kernels/cross_entropy.h"

namespace heddle::kernels::reference {

template <class T>
T log_sum_exp(int64_t classes, const T* x) {
  if (classes == 0) return -std::numeric_limits<T>::infinity();
  const T top = *std::max_element(x, x + classes);
  T sum = 0;
  for (int64_t c = 0; c < classes; ++c) sum += std::exp(x[c] - top);
  return top + std::log(sum);
}

template <class T>
CrossEntropySums cross_entropy(int64_t rows, int64_t classes, T* logits, const T* bias, const int32_t* targets,
                               double smoothing, Smoothing convention, double scale) {
  CrossEntropySums sums;
  const auto [right, other] = smoothed_target(classes, smoothing, convention);
  for (int64_t r = 0; r < rows; ++r) {
    T* row = logits + r * classes;
    const int32_t target = targets[r];
    if (target < 0) {
      std::fill(row, row + classes, T{0});
      continue;
    }
    for (int64_t c = 0; bias && c < classes; ++c) row[c] += bias[c];
    const T total = log_sum_exp(classes, row);
    double loss = 0;
    for (int64_t c = 0; c < classes; ++c) {
      const double share = c == target ? right : other;
      const auto log_p = static_cast<double>(row[c] - total);
      if (share != 0 || std::isnan(log_p)) loss -= share * log_p;  // 0·log 0 = 0
    }
    sums.loss += loss;
    sums.nll += static_cast<double>(total - row[target]);
    sums.correct += row[target] >= *std::max_element(row, row + classes);
    ++sums.counted;
    for (int64_t c = 0; c < classes; ++c)
      row[c] = static_cast<T>(scale) * (std::exp(row[c] - total) - static_cast<T>(c == target ? right : other));
  }
  return sums;
}

template <class T>
void log_softmax(int64_t rows, int64_t classes, T* x) {
  for (int64_t r = 0; r < rows; ++r) {
    const T total = log_sum_exp(classes, x + r * classes);
    for (int64_t c = 0; c < classes; ++c) x[r * classes + c] -= total;
  }
}

}  // namespace heddle::kernels::reference
