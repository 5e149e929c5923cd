#pragma once
// W2·f(W1·x + b1) + b2 with f(x) = x·Φ(x) (Hendrycks & Gimpel 2016).
// Each input times the share of a standard normal distribution below it; by erf, exact. 4·n·d·f operations, 2·d·f
// weights.

#include "heddle/nn/feedforward/activated.h"

namespace heddle::nn::feedforward {

class Gelu : public Activated {
 public:
  static constexpr Idea kIdea = {
      .name = "gelu", .formula = "W2·f(W1·x), f(x) = x·Φ(x)", .cost = "4ndf", .paper = "Hendrycks & Gimpel 2016"};
  Gelu(const Place& place, const FeedForwardConfig& config) : Activated(place, config, kernels::Activation::gelu) {}
};

}  // namespace heddle::nn::feedforward
