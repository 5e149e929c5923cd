#pragma once
// Attention over E·K and F·V in place of K and V: every sequence's keys and values become k sums over its length (Wang
// et al. 2020), k = model.attention.projected_length, with learned weights of each position up to max_length, E for
// keys and F for values, the same for all heads of a layer. A sum mixes the whole sequence, later tokens too: for
// encoders alone. 4·n·k·d operations for the sums and as many for the attention; 2·k·max_length weights.

#include <cmath>

#include "heddle/nn/attention/kind.h"
#include "heddle/nn/weight.h"
#include "heddle/ops/length_projection.h"

namespace heddle::nn::attentions {

class Linformer : public Kind {
 public:
  static constexpr Idea kIdea = {
      .name = "linformer",
      .formula = "softmax(Q·(E·K)ᵀ)·F·V, E and F k×n",
      .cost = "8nkd, 2k·max_length weights",
      .paper = "Wang et al. 2020",
      .traits = {.causal_safe = false, .order_equivariant = false, .fixed_length = true, .self_only = true}};
  static constexpr bool kHasWeights = true, kIsSoftmax = false;
  static int64_t features(const AttentionConfig& config) { return config.of_head(); }
  static int64_t products(const AttentionConfig& config, int64_t queries, int64_t keys, int64_t) {
    const int64_t projected = config.projected_length;
    return 2 * projected * (keys * config.of_head() * config.of_keys() + queries * config.inner());
  }
  Linformer(const Place& place, const AttentionConfig& config)
      : length_(config.projected_length),
        keys_(declare(place, "key_length", config)),
        values_(declare(place, "value_length", config)) {}

  Tensor mix(const Pass& pass, const Tensor& query, const Tensor& key, const Tensor& value, const Rows& query_rows,
             const Rows& key_rows, const ops::AttentionOptions& options) const override {
    Tensor memory;
    const Rows projected = ops::projected_rows(key_rows.sequences(), length_, memory);
    return ops::attention(query, ops::project_length(key, weight(keys_, pass).dense(), key_rows),
                          ops::project_length(value, weight(values_, pass).dense(), key_rows), query_rows, projected,
                          options);
  }

 private:
  // So that sums of unit variance come out at any length that is about as long as k.
  static ParameterId declare(const Place& place, const std::string& part, const AttentionConfig& config) {
    return place.parameters.declare({.name = place.name + "." + part + ".weight",
                                     .role = "attention",
                                     .shape = {config.projected_length, config.max_length},
                                     .init = Init::normal(1 / std::sqrt(static_cast<double>(config.projected_length))),
                                     .layer = place.layer});
  }

  int64_t length_;
  ParameterId keys_, values_;
};

}  // namespace heddle::nn::attentions
