#pragma once
// x + branch(x) with stochastic depth: what plain becomes when model.stochastic_depth is given.

#include "heddle/nn/residual/weighed.h"

namespace heddle::nn::residuals {

class Dropped : public Weighed {
 public:
  Dropped(const Place& place, const ResidualConfig& config) : Weighed(place, config, 1.0) {}
};

}  // namespace heddle::nn::residuals
