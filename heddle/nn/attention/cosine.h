#pragma once
// score = τ_h·cos(q, k), a learned temperature for each head that starts at √d_h (Henry et al. 2020, "Query-key
// normalization"; Luo et al. 2018). n²·d operations; h weights.

#include <cmath>

#include "heddle/nn/attention/score.h"
#include "heddle/nn/weight.h"
#include "heddle/ops/scale_norm.h"

namespace heddle::nn::attentions {

class Cosine : public Score {
 public:
  static constexpr Idea kIdea = {
      .name = "cosine", .formula = "τ_h·q·k/(‖q‖·‖k‖)", .cost = "n²d, h weights", .paper = "Henry et al. 2020"};
  static double scale(int64_t) { return 1; }
  Cosine(const Place& place, const AttentionConfig& config)
      : key_heads_(config.of_keys()),
        heads_(config.heads),
        temperature_(place.parameters.declare({.name = place.name + ".temperature",
                                               .role = "attention",
                                               .shape = {config.heads},
                                               .init = Init::constant(std::sqrt(static_cast<double>(config.of_head()))),
                                               .layer = place.layer})) {}

  bool changes() const override { return true; }
  Tensor query(const Pass& pass, const Tensor& query, const Rows& rows) const override {
    return ops::scale_norm(query, weight(temperature_, pass).dense(), rows, heads_);
  }
  Tensor key(const Pass&, const Tensor& key, const Rows& rows) const override {
    return ops::scale_norm(key, {}, rows, key_heads_);
  }

 private:
  int64_t key_heads_, heads_;
  ParameterId temperature_;
};

}  // namespace heddle::nn::attentions
