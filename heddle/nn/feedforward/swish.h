#pragma once
// W2·f(W1·x + b1) + b2 with f(x) = x·σ(β·x) (Ramachandran et al. 2017). SiLU whose sharpness β each neuron learns, from
// a line (0) to the rectifier (∞); it starts at 1. 4·n·d·f operations, 2·d·f + f weights.

#include "heddle/nn/feedforward/learned.h"

namespace heddle::nn::feedforward {

class Swish : public Learned {
 public:
  static constexpr Idea kIdea = {
      .name = "swish", .formula = "W2·f(W1·x), f(x) = x·σ(β·x)", .cost = "4ndf", .paper = "Ramachandran et al. 2017"};
  Swish(const Place& place, const FeedForwardConfig& config)
      : Learned(place, config, kernels::LearnedActivation::swish, "beta", 1.0) {}
};

}  // namespace heddle::nn::feedforward
