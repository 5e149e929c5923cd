#pragma once
// φ(x) = elu(x) + 1: x + 1 for x > 0, e^x below (Katharopoulos et al. 2020). As many features as numbers; O(n·d).

#include "heddle/nn/attention/feature_map.h"
#include "heddle/ops/feature_map.h"

namespace heddle::nn::attentions {

class Elu : public FeatureMap {
 public:
  static constexpr Idea kIdea = {.name = "elu",
                                 .formula = "φ(x) = x + 1 for x > 0, e^x below",
                                 .cost = "O(nd), D = d_h",
                                 .paper = "Katharopoulos et al. 2020"};
  static constexpr bool kKeepsProducts = false;
  static int64_t features(const AttentionConfig& config) { return config.of_head(); }
  Elu(const Place&, const AttentionConfig&) {}
  Tensor query(const Pass&, const Tensor& query, const Rows& rows) const override {
    return ops::elu_features(query, rows);
  }
  Tensor key(const Pass&, const Tensor& key, const Rows& rows) const override { return ops::elu_features(key, rows); }
};

}  // namespace heddle::nn::attentions
