#pragma once
// Nothing tells the order: an encoder sees sets; a causal decoder can still count what it sees (Haviv et al. 2022;
// Kazemnejad et al. 2023, "NoPE"). No cost.

#include "heddle/nn/position/position.h"

namespace heddle::nn::positions {

class None : public Position {
 public:
  static constexpr Idea kIdea = {
      .name = "none", .formula = "nothing", .cost = "0", .paper = "Haviv et al. 2022; Kazemnejad et al. 2023"};
  static constexpr bool kInAttention = false, kHasWeights = false;
  None(const Place&, const PositionConfig&) {}
};

}  // namespace heddle::nn::positions
