#pragma once
// W2·(GELU(g)·u) + b2, where [g; u] = W1·x + b1: a gated linear unit whose gate is gelu (Shazeer 2020, "GLU variants
// improve Transformer"). 6·n·d·f operations, 3·d·f weights: with f = 2/3 of another kind's it is as large.

#include "heddle/nn/feedforward/gated.h"

namespace heddle::nn::feedforward {

class GeGlu : public Gated {
 public:
  static constexpr Idea kIdea = {
      .name = "geglu", .formula = "W2·(GELU(g)·u), [g; u] = W1·x", .cost = "6ndf", .paper = "Shazeer 2020"};
  GeGlu(const Place& place, const FeedForwardConfig& config) : Gated(place, config, kernels::Activation::gelu) {}
};

}  // namespace heddle::nn::feedforward
