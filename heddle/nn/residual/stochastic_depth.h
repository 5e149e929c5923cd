#pragma once
// Stochastic depth (Huang et al. 2016): while training, each example leaves out each branch with a probability that
// rises evenly with the layer, p_l = p·(l + 1)/L; what is kept is scaled by 1/(1 - p_l). model.stochastic_depth = p
// goes with every residual scheme. The decision depends on the example's number alone, not on its batch.

#include "heddle/nn/residual/scheme.h"

namespace heddle::nn::residuals {

class StochasticDepth {
 public:
  StochasticDepth(const Place& place, const ResidualConfig& config)
      : site_(site_id(place.name + ".survival")), probability_(probability_of(config)) {}

  static double probability_of(const ResidualConfig& config) {
    const auto layers = static_cast<double>(std::max<int64_t>(config.depth.own_layers(), 1));
    return config.stochastic_depth * static_cast<double>(config.depth.layer + 1) / layers;
  }
  ops::DropoutSite of(const Pass& pass) const { return pass.dropout(site_, probability_); }

 private:
  uint64_t site_;
  double probability_;
};

}  // namespace heddle::nn::residuals
