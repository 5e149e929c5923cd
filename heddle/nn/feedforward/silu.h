#pragma once
// W2·f(W1·x + b1) + b2 with f(x) = x·σ(x) (Elfwing et al. 2018; Ramachandran et al. 2017).
// Each input times its own sigmoid; Swish with β = 1. 4·n·d·f operations, 2·d·f weights.

#include "heddle/nn/feedforward/activated.h"

namespace heddle::nn::feedforward {

class Silu : public Activated {
 public:
  static constexpr Idea kIdea = {.name = "silu",
                                 .formula = "W2·f(W1·x), f(x) = x·σ(x)",
                                 .cost = "4ndf",
                                 .paper = "Elfwing et al. 2018; Ramachandran et al. 2017"};
  Silu(const Place& place, const FeedForwardConfig& config) : Activated(place, config, kernels::Activation::silu) {}
};

}  // namespace heddle::nn::feedforward
