#pragma once
// φ(x) = exp(Ω·x' - ‖x'‖²/2) + 10⁻⁶, x' = x·√scale (Choromanski et al. 2021, FAVOR+): φ(q)·φ(k) is in the mean over Ω
// what a softmax weighs with, exp(scale·q·k), and always positive. The m rows of Ω (model.attention.features) have the
// lengths of normal vectors and are orthogonal in blocks of d_h, which makes the mean sharper; they are drawn once,
// from the seed, the same for all heads of a layer, and not trained. A query's factor exp(-‖x'‖²/2) cancels, and its
// largest exponent is taken off; a key's exponent is capped at 40. 2·n·d·m operations; m·d_h numbers that are no
// weights.

#include "heddle/nn/attention/feature_map.h"

namespace heddle::nn::attentions {

class Performer : public FeatureMap {
 public:
  static constexpr Idea kIdea = {.name = "performer",
                                 .formula = "φ(x) = exp(Ω·x - ‖x‖²/2), Ω random, orthogonal",
                                 .cost = "4ndm, D = m, m·d_h numbers",
                                 .paper = "Choromanski et al. 2021"};
  static constexpr bool kKeepsProducts = true;
  // d_h·ln d_h, as the paper's theorem 4 wants it, where the config says nothing.
  static int64_t features(const AttentionConfig& config);
  Performer(const Place& place, const AttentionConfig& config);
  Tensor query(const Pass& pass, const Tensor& query, const Rows& rows) const override;
  Tensor key(const Pass& pass, const Tensor& key, const Rows& rows) const override;

 private:
  int64_t heads_, key_heads_;
  double scale_;
  ParameterId directions_;
};

}  // namespace heddle::nn::attentions
