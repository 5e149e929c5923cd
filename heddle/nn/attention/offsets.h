#pragma once
// Σ_s softmax_s(q_i·k(i + δ_hs)/√d_h)·v(i + δ_hs): each query looks at S = model.attention.offsets places of its
// sequence, at learned distances δ of each head, between keys by interpolation (deformable attention, Dai et al. 2017
// and Zhu et al. 2021, in one dimension). 8·n·S·d operations: linear in n; h·S weights
// (heddle/kernels/offset_attention.h).
//
// Under a causal mask places are i - |δ|, so that none lies ahead. Beyond the ends of the sequence stands its first or
// last key. Its weights are of places, not of keys: a probe does not see them, and masks but full and causal are
// refused.

#include "heddle/nn/attention/kind.h"
#include "heddle/nn/weight.h"
#include "heddle/ops/offset_attention.h"

namespace heddle::nn::attentions {

class Offsets : public Kind {
 public:
  static constexpr Idea kIdea = {.name = "offsets",
                                 .formula = "Σ_s softmax_s(q_i·k(i + δ_hs)/√d_h)·v(i + δ_hs)",
                                 .cost = "8nSd, hS weights",
                                 .paper = "Dai et al. 2017; Zhu et al. 2021",
                                 .traits = {.order_equivariant = false, .self_only = true}};
  static constexpr bool kHasWeights = true, kIsSoftmax = false;
  static int64_t features(const AttentionConfig& config) { return config.of_head(); }
  static int64_t products(const AttentionConfig& config, int64_t queries, int64_t, int64_t) {
    return 4 * queries * config.offsets * config.inner();
  }
  Offsets(const Place& place, const AttentionConfig& config)
      : causal_(config.mask == kernels::Mask::causal()),
        offsets_(place.parameters.declare({.name = place.name + ".offsets",
                                           .role = "attention",
                                           .shape = {config.heads, config.offsets},
                                           .init = Init::normal(static_cast<double>(config.offsets)),
                                           .layer = place.layer})) {}

  Tensor mix(const Pass& pass, const Tensor& query, const Tensor& key, const Tensor& value, const Rows& query_rows,
             const Rows&, const ops::AttentionOptions& options) const override {
    return ops::offset_attention(query, key, value, weight(offsets_, pass).dense(), query_rows, of(options));
  }
  Tensor mix_cached(const Pass& pass, const Tensor& query, const ops::CachedKeys& cache, const Rows& rows,
                    const ops::AttentionOptions& options) const override {
    return ops::cached_offset_attention(query, cache, weight(offsets_, pass).dense(), rows, of(options));
  }

 private:
  ops::OffsetAttentionOptions of(const ops::AttentionOptions& options) const {
    return {.heads = options.heads,
            .key_heads = options.of_keys(),
            .scale = options.scale,
            .causal = causal_,
            .dropout = options.dropout};
  }

  bool causal_;
  ParameterId offsets_;
};

}  // namespace heddle::nn::attentions
