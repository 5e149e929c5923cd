#pragma once
// score = τ_h·q·k/√d_h, a learned temperature for each head that starts at 1 (as in Lin et al. 2018, "Learning when to
// concentrate or divert attention", without the dependence on the query). n²·d operations; h weights.

#include <cmath>

#include "heddle/nn/attention/score.h"
#include "heddle/nn/weight.h"
#include "heddle/ops/head_scale.h"

namespace heddle::nn::attentions {

class Temperature : public Score {
 public:
  static constexpr Idea kIdea = {
      .name = "temperature", .formula = "τ_h·q·k/√d_h", .cost = "n²d, h weights", .paper = "Lin et al. 2018"};
  static double scale(int64_t head_width) { return 1 / std::sqrt(static_cast<double>(head_width)); }
  Temperature(const Place& place, const AttentionConfig& config)
      : temperature_(place.parameters.declare({.name = place.name + ".temperature",
                                               .role = "attention",
                                               .shape = {config.heads},
                                               .init = Init::ones(),
                                               .layer = place.layer})) {}

  bool changes() const override { return true; }
  Tensor query(const Pass& pass, const Tensor& query, const Rows& rows) const override {
    return ops::head_scale(query, weight(temperature_, pass).dense(), rows);
  }

 private:
  ParameterId temperature_;
};

}  // namespace heddle::nn::attentions
