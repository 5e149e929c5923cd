#include "heddle/nn/attention/performer.h"

#include <algorithm>
#include <cmath>

#include "heddle/nn/weight.h"
#include "heddle/ops/feature_map.h"

namespace heddle::nn::attentions {

int64_t Performer::features(const AttentionConfig& config) {
  if (config.features) return config.features;
  const auto width = static_cast<double>(config.of_head());
  return std::max(config.of_head(), static_cast<int64_t>(width * std::log(width)));
}

Performer::Performer(const Place& place, const AttentionConfig& config)
    : heads_(config.heads),
      key_heads_(config.of_keys()),
      scale_(std::sqrt(config.scale())),
      directions_(place.parameters.declare({.name = place.name + ".directions",
                                            .role = "attention",
                                            .shape = {features(config), config.of_head()},
                                            .init = Init::orthogonal(),
                                            .layer = place.layer,
                                            .trainable = false})) {}

Tensor Performer::query(const Pass& pass, const Tensor& query, const Rows& rows) const {
  return ops::random_query_features(query, weight(directions_, pass).dense(), scale_, rows, heads_);
}

Tensor Performer::key(const Pass& pass, const Tensor& key, const Rows& rows) const {
  return ops::random_key_features(key, weight(directions_, pass).dense(), scale_, rows, key_heads_);
}

}  // namespace heddle::nn::attentions
