#pragma once
// W2·f(W1·x + b1) + b2 with f(x) = max(0, x) (Nair & Hinton 2010; in Transformers Vaswani et al. 2017).
// The rectifier: neurons are silent below zero. 4·n·d·f operations, 2·d·f weights.

#include "heddle/nn/feedforward/activated.h"

namespace heddle::nn::feedforward {

class Relu : public Activated {
 public:
  static constexpr Idea kIdea = {.name = "relu",
                                 .formula = "W2·f(W1·x), f(x) = max(0, x)",
                                 .cost = "4ndf",
                                 .paper = "Nair & Hinton 2010; in Transformers Vaswani et al. 2017"};
  Relu(const Place& place, const FeedForwardConfig& config) : Activated(place, config, kernels::Activation::relu) {}
  // Its slope shows in its output, which alone is kept.
  static Cost cost(const FeedForwardConfig& config) { return cost_keeping(config, 1); }
};

}  // namespace heddle::nn::feedforward
