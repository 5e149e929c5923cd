#pragma once
// AdamW over a weight set: decay on matrices only, gradients clipped by their global norm.

#include "heddle/nn/gradients.h"
#include "heddle/train/config.h"

namespace heddle::train {

class Optimizer {
 public:
  Optimizer(const nn::Parameters& parameters, nn::WeightSet& weights, const TrainConfig& config);

  // One step with gradients that are already divided by the token count. Returns their norm before
  // clipping; when it is not finite nothing is changed.
  double step(const nn::SummedGradients& gradients, double learning_rate);

  int64_t steps() const { return steps_; }
  void set_steps(int64_t steps) { steps_ = steps; }
  // Flat first and second moments, for checkpoints.
  const Tensor& first() const { return first_; }
  const Tensor& second() const { return second_; }

 private:
  const nn::Parameters& parameters_;
  nn::WeightSet& weights_;
  TrainConfig config_;
  Tensor first_, second_;
  int64_t steps_ = 0;
};

// The name of the first weight whose gradient is not finite; empty: none.
std::string first_nonfinite(const nn::Parameters& parameters, const nn::SummedGradients& gradients);

}  // namespace heddle::train
