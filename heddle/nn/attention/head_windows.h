#pragma once
// Σ_j softmax_j(s_ij)·v_j over keys with |i - j| < w_h: each head has a window of its own, so that some look near and
// others far (Guo et al. 2020, "Multi-scale self-attention for text classification"). The windows of
// model.attention.windows are dealt out to the heads in their order, as many heads to each, within what
// model.attention.mask shows. 4·n·d_h·Σ_h min(n, 2·w_h - 1) operations.

#include "heddle/nn/attention/softmax.h"

namespace heddle::nn::attentions {

class HeadWindows : public Softmax {
 public:
  static constexpr Idea kIdea = {.name = "head_windows",
                                 .formula = "Σ_j softmax_j(s_ij)·v_j, |i - j| < w_h",
                                 .cost = "4nd_hΣ_h min(n, 2w_h)",
                                 .paper = "Guo et al. 2020",
                                 .traits = {.order_equivariant = false, .self_only = true}};
  static int64_t products(const AttentionConfig& config, int64_t queries, int64_t, int64_t pairs) {
    int64_t seen = 0;
    for (int h = 0; h < config.heads; ++h) seen += std::min(pairs, queries * (2 * window_of(config, h) - 1));
    return 2 * seen * config.of_head();
  }
  HeadWindows(const Place& place, const AttentionConfig& config) : Softmax(place, config) {
    for (int h = 0; h < config.heads; ++h) masks_.push_back(config.mask & kernels::Mask::window(window_of(config, h)));
  }

  void adjust(const Pass&, const Rows&, ops::AttentionOptions& options) const override { options.head_masks = masks_; }

 private:
  static int64_t window_of(const AttentionConfig& config, int head) {
    return config.windows[static_cast<size_t>(head) * config.windows.size() / static_cast<size_t>(config.heads)];
  }

  std::vector<kernels::Mask> masks_;
};

}  // namespace heddle::nn::attentions
