#pragma once
// x_p + P[p], a learned vector for each position up to max_length (Gehring et al. 2017; BERT, GPT-2). O(n·d);
// max_length·d weights.

#include <cmath>

#include "heddle/nn/position/position.h"
#include "heddle/nn/weight.h"

namespace heddle::nn::positions {

class Learned : public Position {
 public:
  static constexpr Idea kIdea = {.name = "learned",
                                 .formula = "x_p + P[p]",
                                 .cost = "O(nd), max_length·d weights",
                                 .paper = "Gehring et al. 2017",
                                 .traits = {.order_equivariant = false, .fixed_length = true}};
  static constexpr bool kInAttention = false, kHasWeights = true;
  Learned(const Place& place, const PositionConfig& config)
      : table_(place.parameters.declare({.name = place.name + ".weight",
                                         .role = "position",
                                         .shape = {config.max_length, config.width},
                                         .init = Init::normal(1 / std::sqrt(static_cast<double>(config.width))),
                                         .layer = place.layer})) {}
  Tensor table(const Pass& pass) const override { return weight(table_, pass).dense(); }

 private:
  ParameterId table_;
};

}  // namespace heddle::nn::positions
