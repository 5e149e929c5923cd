#pragma once
// y = x + s·branch(x), where only the start is special: with L branches in the stack, the first product of each branch
// starts L^-½ times as large and its last product at 0, and s is a learned number that starts at 1 (Zhang et al. 2019,
// "Fixup initialization: residual learning without normalization", for branches of two products). Its scalar biases are
// contained in the biases that our products have. Meant for layers without a norm. O(n·d), 1 weight a branch.

#include <cmath>

#include "heddle/nn/residual/weighed.h"

namespace heddle::nn::residuals {

class Fixup : public Weighed {
 public:
  static constexpr Idea kIdea = {.name = "fixup",
                                 .formula = "x + s·f(x), f starts at 0, s at 1",
                                 .cost = "O(nd), 1 weight",
                                 .paper = "Zhang et al. 2019"};
  static BranchStart start(const Depth& depth) {
    const auto branches = static_cast<double>(std::max<int64_t>(depth.own_layers() * depth.branches_of_layer(), 1));
    return {.inner = 1 / std::sqrt(branches), .last = 0.0};
  }
  Fixup(const Place& place, const ResidualConfig& config) : Weighed(place, config, 1.0) {
    learn_gain(place, "residual_gain", 1, 1.0);
  }
};

}  // namespace heddle::nn::residuals
