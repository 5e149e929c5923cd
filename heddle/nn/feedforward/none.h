#pragma once
// No feed-forward network: a layer is attention alone, and has no residual step for the network (Dong et al. 2021 show
// what that costs). No operations, no weights.

#include "heddle/nn/feedforward/kind.h"

namespace heddle::nn::feedforward {

struct None {
  static constexpr Idea kIdea = {
      .name = "none", .formula = "no branch", .cost = "0", .paper = "Dong et al. 2021 (Attention is not all you need)"};
};

}  // namespace heddle::nn::feedforward
