#pragma once
// score = q·W_h·k/√d_h, a learned matrix for each head (Luong et al. 2015, "general"). n²·d + n·d·d_h operations;
// d·d_h weights.

#include <cmath>

#include "heddle/nn/attention/score.h"
#include "heddle/nn/weight.h"
#include "heddle/ops/head_product.h"

namespace heddle::nn::attentions {

class Bilinear : public Score {
 public:
  static constexpr Idea kIdea = {.name = "bilinear",
                                 .formula = "q·W_h·k/√d_h",
                                 .cost = "n²d + nd·d_h, d·d_h weights",
                                 .paper = "Luong et al. 2015 (general)"};
  static double scale(int64_t head_width) { return 1 / std::sqrt(static_cast<double>(head_width)); }
  Bilinear(const Place& place, const AttentionConfig& config)
      : matrices_(place.parameters.declare({.name = place.name + ".between.weight",
                                            .role = "attention",
                                            .shape = {config.inner(), config.of_head()},
                                            .init = Init::normal(1 / std::sqrt(static_cast<double>(config.of_head()))),
                                            .layer = place.layer})) {}

  bool changes() const override { return true; }
  Tensor query(const Pass& pass, const Tensor& query, const Rows& rows) const override {
    return ops::head_product(query, weight(matrices_, pass).dense(), rows, pass.compute);
  }

 private:
  ParameterId matrices_;
};

}  // namespace heddle::nn::attentions
