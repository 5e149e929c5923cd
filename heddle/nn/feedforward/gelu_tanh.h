#pragma once
// W2·f(W1·x + b1) + b2 with f(x) = x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2 (Hendrycks & Gimpel 2016).
// The approximation of GELU that GPT-2 has, within 5e-4 of it. 4·n·d·f operations, 2·d·f weights.

#include "heddle/nn/feedforward/activated.h"

namespace heddle::nn::feedforward {

class GeluTanh : public Activated {
 public:
  static constexpr Idea kIdea = {.name = "gelu_tanh",
                                 .formula = "W2·f(W1·x), f(x) = x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2",
                                 .cost = "4ndf",
                                 .paper = "Hendrycks & Gimpel 2016"};
  GeluTanh(const Place& place, const FeedForwardConfig& config)
      : Activated(place, config, kernels::Activation::gelu_tanh) {}
};

}  // namespace heddle::nn::feedforward
