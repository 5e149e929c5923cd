#pragma once
// φ(x) = max(0, x) + 0.001 (Choromanski et al. 2021, Performer-ReLU): features that are far apart leave the mean of all
// values. As many features as numbers; O(n·d).

#include "heddle/nn/attention/feature_map.h"
#include "heddle/ops/feature_map.h"

namespace heddle::nn::attentions {

class Relu : public FeatureMap {
 public:
  static constexpr Idea kIdea = {.name = "relu",
                                 .formula = "φ(x) = max(0, x) + 0.001",
                                 .cost = "O(nd), D = d_h",
                                 .paper = "Choromanski et al. 2021 (Performer-ReLU)"};
  static constexpr bool kKeepsProducts = false;
  static int64_t features(const AttentionConfig& config) { return config.of_head(); }
  Relu(const Place&, const AttentionConfig&) {}
  Tensor query(const Pass&, const Tensor& query, const Rows& rows) const override {
    return ops::relu_features(query, rows);
  }
  Tensor key(const Pass&, const Tensor& key, const Rows& rows) const override { return ops::relu_features(key, rows); }
};

}  // namespace heddle::nn::attentions
