#pragma once
// y = gain·tanh(α·x) + shift: no statistics at all, a squashing whose steepness α is learned and starts at 1/2 (Zhu et
// al. 2025, "Transformers without normalization"). O(n·d); 2·d + 1 weights.

#include "heddle/nn/norm/declare.h"
#include "heddle/nn/norm/norm.h"
#include "heddle/nn/weight.h"
#include "heddle/ops/dynamic_tanh.h"

namespace heddle::nn::norms {

class Dyt : public Norm {
 public:
  static constexpr Idea kIdea = {
      .name = "dyt", .formula = "g·tanh(α·x) + b", .cost = "O(nd), 2d + 1 weights", .paper = "Zhu et al. 2025"};
  Dyt(const Place& place, const NormConfig& config)
      : alpha_(declare(place, "alpha", 1, 0.5)),
        gain_(declare(place, "weight", config.width, 1.0)),
        shift_(declare(place, "bias", config.width, 0.0)) {}
  Tensor forward(const Pass& pass, const Tensor& x, const Rows& rows) const override {
    return ops::dynamic_tanh(x, weight(alpha_, pass).dense(), weight(gain_, pass).dense(), weight(shift_, pass).dense(),
                             rows);
  }

 private:
  ParameterId alpha_, gain_, shift_;
};

}  // namespace heddle::nn::norms
