#pragma once
// y = x + a·branch(x), one learned a per branch that starts at 0: every layer starts as the identity (Bachlechner et
// al. 2021, "ReZero is all you need"). Meant for layers without a norm. O(n·d), 1 weight a branch.

#include "heddle/nn/residual/weighed.h"

namespace heddle::nn::residuals {

class ReZero : public Weighed {
 public:
  static constexpr Idea kIdea = {.name = "rezero",
                                 .formula = "x + a·f(x), a starts at 0",
                                 .cost = "O(nd), 1 weight",
                                 .paper = "Bachlechner et al. 2021"};
  static BranchStart start(const Depth&) { return {}; }
  ReZero(const Place& place, const ResidualConfig& config) : Weighed(place, config, 1.0) {
    learn_gain(place, "residual_gain", 1, 0.0);
  }
};

}  // namespace heddle::nn::residuals
