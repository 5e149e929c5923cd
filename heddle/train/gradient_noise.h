#pragma once
// The gradient noise scale: at which batch size the noise of a gradient is as large as the gradient
// (McCandlish et al. 2018, An Empirical Model of Large-Batch Training, appendix A.1).
//
// A gradient averaged over B tokens has E|G_B|² = |G|² + tr(Σ)/B. From its size at two batch sizes follow |G|² and
// tr(Σ), and B_simple = tr(Σ)/|G|², in tokens: far below it, twice the batch saves half the steps; far above it, almost
// none.

#include <cstdint>
#include <optional>

namespace heddle::train {

class GradientNoise {
 public:
  // `memory`: how much of the running means of |G|² and tr(Σ) each step keeps, in [0, 1). Means, for one step alone
  // says little.
  explicit GradientNoise(double memory = 0.98) : memory_(memory) {}

  // Squared norms of mean gradients over a part of a batch's tokens, and over all of them. Steps
  // whose part is the whole are passed over.
  void add(double part_norm_squared, double part_tokens, double whole_norm_squared, double whole_tokens);

  int64_t steps() const { return steps_; }
  // Unbiased estimates, averaged; nothing before the first step.
  double squared_gradient() const { return gradient_ / fade(); }
  double trace() const { return trace_ / fade(); }
  // B_simple in tokens; none as long as |G|² or tr(Σ) is not positive: too few steps for so much noise.
  std::optional<double> scale() const;

 private:
  double fade() const;  // what the running means lack, as they started at zero

  double memory_;
  double gradient_ = 0, trace_ = 0;
  int64_t steps_ = 0;
};

}  // namespace heddle::train
