#pragma once
// W2·(SiLU(g)·u) + b2, where [g; u] = W1·x + b1: a gated linear unit whose gate is silu (Shazeer 2020, "GLU variants
// improve Transformer"). 6·n·d·f operations, 3·d·f weights: with f = 2/3 of another kind's it is as large.

#include "heddle/nn/feedforward/gated.h"

namespace heddle::nn::feedforward {

class SwiGlu : public Gated {
 public:
  static constexpr Idea kIdea = {
      .name = "swiglu", .formula = "W2·(SiLU(g)·u), [g; u] = W1·x", .cost = "6ndf", .paper = "Shazeer 2020"};
  SwiGlu(const Place& place, const FeedForwardConfig& config) : Gated(place, config, kernels::Activation::silu) {}
};

}  // namespace heddle::nn::feedforward
