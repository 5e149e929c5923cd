#pragma once
// y = (x - mean)/√(var + ε)·gain + shift, mean and variance over a group of neighbouring columns and all rows of a
// sequence (Wu & He 2018), as PyTorch's GroupNorm has them over [batch, columns, length]. Looks ahead, so that a causal
// model cannot have it. O(n·d); 2·d weights.

#include "heddle/nn/norm/pooled.h"

namespace heddle::nn::norms {

class Group : public Pooled {
 public:
  static constexpr Idea kIdea = {.name = "group",
                                 .formula = "(x - mean)/√(var + ε)·g + b, over d/G columns and a whole sequence",
                                 .cost = "O(nd), 2d weights",
                                 .paper = "Wu & He 2018",
                                 .traits = {.causal_safe = false}};
  Group(const Place& place, const NormConfig& config) : Pooled(place, config, ops::Pool::sequence, groups_of(config)) {}

  // Throws InputError when the number asked for does not divide the width.
  static int64_t groups_of(const NormConfig& config) {
    if (config.groups == 0) {
      int64_t groups = std::min<int64_t>(32, config.width);
      while (config.width % groups != 0) --groups;
      return groups;
    }
    if (config.width % config.groups != 0)
      fail_input("model.norm_groups = {} does not divide model.width = {}; choose a divisor", config.groups,
                 config.width);
    return config.groups;
  }
};

}  // namespace heddle::nn::norms
