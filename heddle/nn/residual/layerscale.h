#pragma once
// y = x + λ⊙branch(x), a learned λ for each column that starts small: 0.1 up to 18 layers, 1e-5 up to 24, 1e-6 beyond
// (Touvron et al. 2021, "Going deeper with image Transformers"). O(n·d), d weights a branch.

#include "heddle/nn/residual/weighed.h"

namespace heddle::nn::residuals {

class LayerScale : public Weighed {
 public:
  static constexpr Idea kIdea = {.name = "layerscale",
                                 .formula = "x + λ⊙f(x), λ starts small",
                                 .cost = "O(nd), d weights",
                                 .paper = "Touvron et al. 2021"};
  static BranchStart start(const Depth&) { return {}; }
  LayerScale(const Place& place, const ResidualConfig& config) : Weighed(place, config, 1.0) {
    const int64_t layers = config.depth.own_layers();
    learn_gain(place, "residual_gain", config.width, layers <= 18 ? 0.1 : layers <= 24 ? 1e-5 : 1e-6);
  }
};

}  // namespace heddle::nn::residuals
