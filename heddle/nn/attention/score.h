#pragma once
// How a query and a key of a head meet: what is done to each before their dot product, and its scale.

#include <memory>

#include "heddle/nn/attention/config.h"
#include "heddle/nn/idea.h"
#include "heddle/nn/pass.h"
#include "heddle/tensor/rows.h"

namespace heddle::nn::attentions {

class Score {
 public:
  virtual ~Score() = default;
  // Whether query() or key() do something; they get dense tensors.
  virtual bool changes() const { return false; }
  // [tokens, heads·width]
  virtual Tensor query(const Pass&, const Tensor& query, const Rows&) const { return query; }
  // [tokens, key heads·width]
  virtual Tensor key(const Pass&, const Tensor& key, const Rows&) const { return key; }
  // v [heads·width] of a score that is no dot product (additive.h); undefined: it is one.
  virtual Tensor additive(const Pass&) const { return {}; }
};

struct ScoreEntry {
  Idea idea;
  double (*scale)(int64_t head_width);
  std::unique_ptr<Score> (*make)(const Place& place, const AttentionConfig& config);
};

std::span<const ScoreEntry> all_scores();
// Throws InputError for an unknown name.
const ScoreEntry& find_score(std::string_view name);

}  // namespace heddle::nn::attentions
