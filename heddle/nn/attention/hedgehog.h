#pragma once
// φ(x) = [softmax(W·x), softmax(-W·x)], W_h learned for each head, of queries and of keys (Zhang et al. 2024, "The
// Hedgehog & the Porcupine"): features as peaked as the weights of a softmax. It starts as the identity. 2·n·d·d_h
// operations and O(n·d) exponentials; D = 2·d_h; 2·d·d_h weights.

#include "heddle/nn/attention/feature_map.h"
#include "heddle/nn/weight.h"
#include "heddle/ops/feature_map.h"
#include "heddle/ops/head_product.h"

namespace heddle::nn::attentions {

class Hedgehog : public FeatureMap {
 public:
  static constexpr Idea kIdea = {.name = "hedgehog",
                                 .formula = "φ(x) = [softmax(W_h·x), softmax(-W_h·x)]",
                                 .cost = "4nd·d_h, D = 2d_h, 2d·d_h weights",
                                 .paper = "Zhang et al. 2024"};
  static constexpr bool kKeepsProducts = false;
  static int64_t features(const AttentionConfig& config) { return 2 * config.of_head(); }
  Hedgehog(const Place& place, const AttentionConfig& config)
      : heads_(config.heads),
        key_heads_(config.of_keys()),
        query_(declare(place, "query_features", config, heads_)),
        key_(declare(place, "key_features", config, key_heads_)) {}
  Tensor query(const Pass& pass, const Tensor& query, const Rows& rows) const override {
    return ops::softmax_features(ops::head_product(query, weight(query_, pass).dense(), rows, pass.compute), rows,
                                 heads_);
  }
  Tensor key(const Pass& pass, const Tensor& key, const Rows& rows) const override {
    return ops::softmax_features(ops::head_product(key, weight(key_, pass).dense(), rows, pass.compute), rows,
                                 key_heads_);
  }

 private:
  static ParameterId declare(const Place& place, const std::string& part, const AttentionConfig& config,
                             int64_t heads) {
    return place.parameters.declare({.name = place.name + "." + part + ".weight",
                                     .role = "attention",
                                     .shape = {heads * config.of_head(), config.of_head()},
                                     .init = Init::identities(),
                                     .layer = place.layer});
  }

  int64_t heads_, key_heads_;
  ParameterId query_, key_;
};

}  // namespace heddle::nn::attentions
