#pragma once
// W2·f(W1·x + b1) + b2 with f(x) = x for x > 0, a·x below (He et al. 2015). A rectifier whose slope below zero each
// neuron learns; it starts at 1/4. 4·n·d·f operations, 2·d·f + f weights.

#include "heddle/nn/feedforward/learned.h"

namespace heddle::nn::feedforward {

class PRelu : public Learned {
 public:
  static constexpr Idea kIdea = {.name = "prelu",
                                 .formula = "W2·f(W1·x), f(x) = x for x > 0, a·x below",
                                 .cost = "4ndf",
                                 .paper = "He et al. 2015"};
  PRelu(const Place& place, const FeedForwardConfig& config)
      : Learned(place, config, kernels::LearnedActivation::prelu, "a", 0.25) {}
};

}  // namespace heddle::nn::feedforward
