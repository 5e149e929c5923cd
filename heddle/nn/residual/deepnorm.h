#pragma once
// y = norm(α·x + branch(x)), with the branch's weights (feed-forward, values, attention's output) starting β times as
// large (Wang et al. 2022, "DeepNet: scaling Transformers to 1,000 layers"). For N encoder and M decoder layers:
//   one stack of N:  α = (2N)^¼,  β = (8N)^-¼
//   encoder:         α = 0.81·(N⁴·M)^(1/16),  β = 0.87·(N⁴·M)^(-1/16)
//   decoder:         α = (3M)^¼,  β = (12M)^-¼
// O(n·d), no weights.

#include <cmath>

#include "heddle/nn/residual/weighed.h"

namespace heddle::nn::residuals {

class DeepNorm : public Weighed {
 public:
  static constexpr Idea kIdea = {.name = "deepnorm",
                                 .formula = "norm(α·x + f(x)), α from the depth",
                                 .cost = "O(nd)",
                                 .paper = "Wang et al. 2022"};
  static BranchStart start(const Depth& depth) {
    const double beta = scales(depth).beta;
    return {.inner = beta, .last = beta};
  }
  DeepNorm(const Place& place, const ResidualConfig& config) : Weighed(place, config, scales(config.depth).alpha) {}

  struct Scales {
    double alpha, beta;
  };
  static Scales scales(const Depth& depth) {
    const auto n = static_cast<double>(depth.encoder_layers), m = static_cast<double>(depth.decoder_layers);
    if (n == 0 || m == 0) return {std::pow(2 * (n + m), 0.25), std::pow(8 * (n + m), -0.25)};
    if (depth.in_decoder) return {std::pow(3 * m, 0.25), std::pow(12 * m, -0.25)};
    const double joint = std::pow(n * n * n * n * m, 1.0 / 16);
    return {0.81 * joint, 0.87 / joint};
  }
};

}  // namespace heddle::nn::residuals
