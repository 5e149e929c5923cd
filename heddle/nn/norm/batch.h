#pragma once
// y = (x - mean)/√(var + ε)·gain + shift, mean and variance of one column over all real rows of the batch while
// training, and their running averages afterwards (Ioffe & Szegedy 2015; its trouble with text: Shen et al. 2020,
// "PowerNorm"). Padding has no part in the statistics.
//
// The averages are weights that no gradient reaches: running = 0.9·running + 0.1·batch, with the unbiased variance, as
// PyTorch has them; a training pass moves them. While training a row depends on later ones through the statistics, so
// that a causal model cannot have it. O(n·d); 4·d weights, half of them the averages.

#include "heddle/nn/norm/pooled.h"
#include "heddle/ops/replay.h"

namespace heddle::nn::norms {

class Batch : public Pooled {
 public:
  static constexpr Idea kIdea = {.name = "batch",
                                 .formula = "(x - mean)/√(var + ε)·g + b, over one column of the whole batch",
                                 .cost = "O(nd), 4d weights",
                                 .paper = "Ioffe & Szegedy 2015",
                                 .traits = {.batch_statistics = true, .causal_safe = false}};
  Batch(const Place& place, const NormConfig& config)
      : Pooled(place, config, ops::Pool::batch, config.width),
        running_mean_(declare(place, "running_mean", config.width, 0.0, false)),
        running_variance_(declare(place, "running_variance", config.width, 1.0, false)) {}

  Tensor forward(const Pass& pass, const Tensor& x, const Rows& rows) const override {
    ops::PooledNormWeights weights = pooled(pass);
    weights.running_mean = pass.weights.of(running_mean_);
    weights.running_variance = pass.weights.of(running_variance_);
    weights.uses_running = !pass.training;
    weights.momentum = pass.frozen || ops::is_replay() ? 0.0 : 0.1;
    return ops::pooled_norm(x, weights, rows);
  }

 private:
  ParameterId running_mean_, running_variance_;
};

}  // namespace heddle::nn::norms
