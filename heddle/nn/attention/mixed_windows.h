#pragma once
// Σ_w softmax(a_h)_w·A_w, A_w attention to keys at distances below w alone: each head sees several windows at each
// position, averaged by learned weights a. Windows are those of model.attention.windows, within what
// model.attention.mask shows. 4·n·d·Σ_w min(n, 2w - 1) operations; a weight for each head and window. Question 10;
// multi-scale windows as in Guo et al. 2020, "Multi-scale self-attention for text classification", here mixed within
// each head.
//
// A probe sees each window's scores and weights, one after the other.

#include "heddle/nn/attention/kind.h"
#include "heddle/nn/weight.h"
#include "heddle/ops/weighted_share.h"

namespace heddle::nn::attentions {

class MixedWindows : public Kind {
 public:
  static constexpr Idea kIdea = {.name = "mixed_windows",
                                 .formula = "Σ_w softmax(a_h)_w·A_w, A_w of keys with |i - j| < w",
                                 .cost = "4ndΣ_w min(n, 2w), h weights a window",
                                 .paper = "Guo et al. 2020",
                                 .traits = {.order_equivariant = false, .self_only = true}};
  static constexpr bool kHasWeights = true, kIsSoftmax = true;
  static int64_t features(const AttentionConfig& config) { return config.of_head(); }
  static int64_t products(const AttentionConfig& config, int64_t queries, int64_t, int64_t pairs) {
    int64_t seen = 0;
    for (const int64_t window : config.windows) seen += std::min(pairs, queries * (2 * window - 1));
    return 2 * seen * config.inner();
  }
  MixedWindows(const Place& place, const AttentionConfig& config)
      : windows_(config.windows),
        shares_(place.parameters.declare({.name = place.name + ".window_shares",
                                          .role = "attention",
                                          .shape = {config.heads, std::ssize(config.windows)},
                                          .init = Init::zeros(),
                                          .layer = place.layer})) {}

  void adjust(const Pass&, const Rows&, ops::AttentionOptions& options) const override {
    options.mask = options.mask & kernels::Mask::window(std::ranges::max(windows_));
  }
  Tensor mix(const Pass& pass, const Tensor& query, const Tensor& key, const Tensor& value, const Rows& query_rows,
             const Rows& key_rows, const ops::AttentionOptions& options) const override {
    return mean(pass, query_rows, options, [&](const ops::AttentionOptions& in_window) {
      return ops::attention(query, key, value, query_rows, key_rows, in_window);
    });
  }
  Tensor mix_cached(const Pass& pass, const Tensor& query, const ops::CachedKeys& cache, const Rows& rows,
                    const ops::AttentionOptions& options) const override {
    return mean(pass, rows, options, [&](const ops::AttentionOptions& in_window) {
      return ops::cached_attention(query, cache, rows, in_window);
    });
  }

 private:
  template <class Attend>
  Tensor mean(const Pass& pass, const Rows& rows, ops::AttentionOptions options, Attend&& attend) const {
    const kernels::Mask mask = options.mask;
    const Tensor shares = weight(shares_, pass).dense();
    Tensor sum;
    for (size_t w = 0; w < windows_.size(); ++w) {
      options.mask = mask & kernels::Mask::window(windows_[w]);
      sum = ops::add_share(sum, attend(options), shares, static_cast<int64_t>(w), rows);
    }
    return sum;
  }

  std::vector<int64_t> windows_;
  ParameterId shares_;
};

}  // namespace heddle::nn::attentions
