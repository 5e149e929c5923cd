#pragma once
// φ of linear attention: queries and keys of each head as positive features, whose product stands for the exponential
// of a score.

#include <memory>

#include "heddle/nn/attention/config.h"
#include "heddle/nn/idea.h"
#include "heddle/nn/pass.h"
#include "heddle/tensor/rows.h"

namespace heddle::nn::attentions {

class FeatureMap {
 public:
  virtual ~FeatureMap() = default;
  // [tokens, heads·width] → [tokens, heads·features]
  virtual Tensor query(const Pass& pass, const Tensor& query, const Rows& rows) const = 0;
  // [tokens, key heads·width] → [tokens, key heads·features]
  virtual Tensor key(const Pass& pass, const Tensor& key, const Rows& rows) const = 0;
};

struct FeatureMapEntry {
  Idea idea;
  bool keeps_products;                                 // φ(q)·φ(k) depends on q·k alone, as it is or in the mean
  int64_t (*features)(const AttentionConfig& config);  // of a head
  std::unique_ptr<FeatureMap> (*make)(const Place& place, const AttentionConfig& config);
};

std::span<const FeatureMapEntry> all_feature_maps();
// Throws InputError for an unknown name.
const FeatureMapEntry& find_feature_map(std::string_view name);

}  // namespace heddle::nn::attentions
