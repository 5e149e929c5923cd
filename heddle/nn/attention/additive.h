#pragma once
// score = Σ_c v_c·tanh(q_c + k_c), q = W·x and k = U·y the projections, v learned for each head (Bahdanau et al. 2015).
// n²·d hyperbolic tangents, tile by tile as other scores are made; d weights. Not scaled: a sum of d_h numbers in ±v_c.
//
// What positions do to a dot product (rope turns its two sides, shaw and transformer_xl add to one) has no meaning here
// and is refused; what they add to a score (alibi, t5_bias) has.

#include <cmath>

#include "heddle/nn/attention/score.h"
#include "heddle/nn/weight.h"

namespace heddle::nn::attentions {

class Additive : public Score {
 public:
  static constexpr Idea kIdea = {
      .name = "additive", .formula = "v_h·tanh(q + k)", .cost = "n²d tanh, d weights", .paper = "Bahdanau et al. 2015"};
  static double scale(int64_t) { return 0; }  // of the dot product, which has no part in it
  Additive(const Place& place, const AttentionConfig& config)
      : v_(place.parameters.declare({.name = place.name + ".between",
                                     .role = "attention",
                                     .shape = {config.inner()},
                                     .init = Init::normal(1 / std::sqrt(static_cast<double>(config.of_head()))),
                                     .layer = place.layer})) {}

  bool changes() const override { return true; }
  Tensor additive(const Pass& pass) const override { return weight(v_, pass).dense(); }

 private:
  ParameterId v_;
};

}  // namespace heddle::nn::attentions
