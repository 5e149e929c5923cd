#pragma once
// Segment recurrence (Dai et al. 2019, Transformer-XL): a text is read by segments of L = model.attention.segment
// tokens. A token sees its own segment as model.attention.mask lets it, and the M = model.attention.memory tokens
// before that segment, whose states it reads as they are: no gradient flows back into them, though it does into the
// weights that make keys and values of them. So each layer reaches M tokens farther back than the one below it.
//
// All segments are computed at once: states of a segment never hang on later ones, so that the numbers are those of one
// segment after the other, kept memories and all. Training projects keys and values twice, with and without a gradient
// to their states; decoding keeps L + M tokens a layer at most. 4·n·d·(L/2 + M) operations.

#include "heddle/nn/attention/softmax.h"
#include "heddle/ops/attention_with_memory.h"

namespace heddle::nn::attentions {

class Segments : public Softmax {
 public:
  static constexpr Idea kIdea = {.name = "segments",
                                 .formula = "Σ_j softmax_j(s_ij)·v_j, j in i's segment of L or the M before it",
                                 .cost = "4nd(L/2 + M)",
                                 .paper = "Dai et al. 2019",
                                 .traits = {.order_equivariant = false, .self_only = true, .whole_gradient = false}};
  static int64_t products(const AttentionConfig& config, int64_t queries, int64_t, int64_t pairs) {
    return 2 * std::min(pairs, queries * (config.segment + config.memory)) * config.inner();
  }
  Segments(const Place& place, const AttentionConfig& config)
      : Softmax(place, config),
        own_(config.mask & kernels::Mask::block(config.segment)),
        memory_(config.mask & kernels::Mask::before_block(config.segment, config.memory)) {}

  void adjust(const Pass&, const Rows&, ops::AttentionOptions& options) const override {
    options.mask = own_ | memory_;
  }
  bool is_plain() const override { return false; }
  bool has_memory() const override { return true; }
  Tensor mix_with_memory(const Pass&, const QueryKeyValue& parts, const QueryKeyValue& past, const Rows& rows,
                         const ops::AttentionOptions& options) const override {
    return ops::attention_with_memory(parts.query, {parts.key, parts.value, own_}, {past.key, past.value, memory_},
                                      rows, options);
  }

 private:
  kernels::Mask own_, memory_;
};

}  // namespace heddle::nn::attentions
