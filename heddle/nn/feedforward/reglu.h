#pragma once
// W2·(max(0, g)·u) + b2, where [g; u] = W1·x + b1: a gated linear unit whose gate is relu (Shazeer 2020, "GLU variants
// improve Transformer"). 6·n·d·f operations, 3·d·f weights: with f = 2/3 of another kind's it is as large.

#include "heddle/nn/feedforward/gated.h"

namespace heddle::nn::feedforward {

class ReGlu : public Gated {
 public:
  static constexpr Idea kIdea = {
      .name = "reglu", .formula = "W2·(max(0, g)·u), [g; u] = W1·x", .cost = "6ndf", .paper = "Shazeer 2020"};
  ReGlu(const Place& place, const FeedForwardConfig& config) : Gated(place, config, kernels::Activation::relu) {}
};

}  // namespace heddle::nn::feedforward
