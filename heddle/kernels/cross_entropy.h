#pragma once
// Softmax over a vocabulary: cross-entropy with label smoothing, and log-probabilities.
//
// Smoothed target (Szegedy et al. 2016): over_all puts ε/n on every class and 1-ε more on the right one;
// over_others puts ε/(n-1) on every wrong class and 1-ε on the right one.

#include <algorithm>
#include <cstdint>

namespace heddle::kernels {

enum class Smoothing : uint8_t { over_all, over_others };

struct CrossEntropySums {
  double loss = 0;      // Σ over counted rows of -Σ_c target_c·log p_c
  double nll = 0;       // Σ over counted rows of -log p_target
  int64_t counted = 0;  // rows with target >= 0
  int64_t correct = 0;  // rows whose largest logit is the target's, a tie included

  CrossEntropySums& operator+=(const CrossEntropySums& more) {
    loss += more.loss;
    nll += more.nll;
    counted += more.counted;
    correct += more.correct;
    return *this;
  }
};

// The probability that a smoothed target puts on its own class and on each other one.
struct SmoothedTarget {
  double right, other;
};
inline SmoothedTarget smoothed_target(int64_t classes, double smoothing, Smoothing convention) {
  const double n = static_cast<double>(classes);
  if (convention == Smoothing::over_all) return {1 - smoothing + smoothing / n, smoothing / n};
  return {1 - smoothing, smoothing / std::max(1.0, n - 1)};
}

// logits [rows, classes] become their gradient (softmax - target)·scale in place; rows with target -1
// become zeros. A logit of -infinity forbids its class; one that is not a number reaches the loss. bias [classes], null
// or added to the logits first.
CrossEntropySums cross_entropy(int64_t rows, int64_t classes, float* logits, const float* bias, const int32_t* targets,
                               double smoothing, Smoothing convention, double scale);
CrossEntropySums cross_entropy(int64_t rows, int64_t classes, double* logits, const double* bias,
                               const int32_t* targets, double smoothing, Smoothing convention, double scale);

// x [rows, classes] → log softmax, in place.
void log_softmax(int64_t rows, int64_t classes, float* x);
void log_softmax(int64_t rows, int64_t classes, double* x);

}  // namespace heddle::kernels
