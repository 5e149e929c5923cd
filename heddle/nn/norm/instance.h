#pragma once
// y = (x - mean)/√(var + ε)·gain + shift, mean and variance of one column over all rows of a sequence (Ulyanov et al.
// 2016). Looks ahead, so that a causal model cannot have it. O(n·d); 2·d weights.

#include "heddle/nn/norm/pooled.h"

namespace heddle::nn::norms {

class Instance : public Pooled {
 public:
  static constexpr Idea kIdea = {.name = "instance",
                                 .formula = "(x - mean)/√(var + ε)·g + b, over one column of a sequence",
                                 .cost = "O(nd), 2d weights",
                                 .paper = "Ulyanov et al. 2016",
                                 .traits = {.causal_safe = false}};
  Instance(const Place& place, const NormConfig& config) : Pooled(place, config, ops::Pool::sequence, config.width) {}
};

}  // namespace heddle::nn::norms
