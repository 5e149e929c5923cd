#pragma once
// W2·f(W1·x + b1) + b2 with f(x) = max(0, x)² (So et al. 2021 (Primer)).
// The rectifier, squared: found by search over programs to train language models faster. 4·n·d·f operations, 2·d·f
// weights.

#include "heddle/nn/feedforward/activated.h"

namespace heddle::nn::feedforward {

class SquaredRelu : public Activated {
 public:
  static constexpr Idea kIdea = {.name = "squared_relu",
                                 .formula = "W2·f(W1·x), f(x) = max(0, x)²",
                                 .cost = "4ndf",
                                 .paper = "So et al. 2021 (Primer)"};
  SquaredRelu(const Place& place, const FeedForwardConfig& config)
      : Activated(place, config, kernels::Activation::squared_relu) {}
};

}  // namespace heddle::nn::feedforward
