#pragma once
// Σ_j φ(q_i)·φ(k_j)·v_j / Σ_j φ(q_i)·φ(k_j) (Katharopoulos et al. 2020, "Transformers are RNNs"): because the weight of
// a pair is a product, the sums over j are a matrix Σ φ(k)vᵀ and a vector Σ φ(k) that do for every query. While
// decoding they are all that is kept of the past, d_h·(d_h + 1) numbers a head at any length. 4·n·d·D operations for D
// features (model.attention.feature_map). The scale of the score cancels.

#include "heddle/nn/attention/feature_map.h"
#include "heddle/nn/attention/kind.h"

namespace heddle::nn::attentions {

class LinearAttention : public Kind, public Recurrence {
 public:
  static constexpr Idea kIdea = {.name = "linear",
                                 .formula = "φ(q_i)·Σ_j φ(k_j)v_jᵀ / φ(q_i)·Σ_j φ(k_j)",
                                 .cost = "4ndD for D features",
                                 .paper = "Katharopoulos et al. 2020"};
  static constexpr bool kHasWeights = false, kIsSoftmax = false;
  static int64_t features(const AttentionConfig& config) {
    return find_feature_map(config.feature_map).features(config);
  }
  static int64_t products(const AttentionConfig& config, int64_t queries, int64_t keys, int64_t) {
    return (queries * config.heads + keys * config.of_keys()) * features(config) * (config.of_head() + 1);
  }
  LinearAttention(const Place& place, const AttentionConfig& config);

  Tensor mix(const Pass& pass, const Tensor& query, const Tensor& key, const Tensor& value, const Rows& query_rows,
             const Rows& key_rows, const ops::AttentionOptions& options) const override;

  const Recurrence* recurrence() const override { return this; }
  int64_t state_width() const override { return state_width_; }
  Tensor states(const Pass& pass, const Tensor& key, const Tensor& value, const Rows& rows) const override;
  void advance(const Pass& pass, const Tensor& key, const Tensor& value, const Rows& rows, const Tensor& past,
               std::span<const int32_t> parents, const Tensor& states) const override;
  Tensor read(const Pass& pass, const Tensor& query, const Tensor& states, const Rows& rows,
              std::span<const int32_t> of_query) const override;

 private:
  int heads_, key_heads_;
  int64_t state_width_;
  std::unique_ptr<FeatureMap> map_;
};

}  // namespace heddle::nn::attentions
