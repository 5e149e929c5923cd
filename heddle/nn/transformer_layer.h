#pragma once
// The layers of a Transformer: attention, then feed-forward, each inside a residual step. What each part is stands in
// the layer's config.

#include <memory>
#include <string>
#include <vector>

#include "heddle/nn/feed_forward.h"
#include "heddle/nn/multi_head_attention.h"
#include "heddle/nn/residual_step.h"

namespace heddle::nn {

struct LayerConfig {
  int64_t width = 0;
  AttentionConfig self_attention, cross_attention;
  FeedForwardConfig feed_forward;
  ResidualStepConfig step;
  PositionConfig position = {};  // of this layer alone; none: what its stack shares
  bool parallel = false;         // all branches read the norm of the layer's input

  // Where a stack ends with the sum, it needs a norm behind its last layer.
  bool ends_with_sum() const { return step.norm_place == NormPlace::pre || step.norm_place == NormPlace::sandwich; }
};

class EncoderLayer {
 public:
  // `position`: what acts in the attentions of the whole stack; null: nothing, or the layer's own.
  EncoderLayer(Parameters& parameters, const std::string& name, int layer, const LayerConfig& config,
               const std::shared_ptr<const Position>& position = {});
  Tensor forward(const Pass& pass, const Tensor& x, const Rows& rows) const;

 private:
  bool parallel_;
  std::shared_ptr<const Position> position_;
  SelfAttention attention_;
  ResidualStep attention_step_;
  FeedForward feed_forward_;
  std::vector<ResidualStep> feed_forward_step_;  // none without a feed-forward network
};

// The past that one decoder layer sees while it decodes.
struct LayerCache {
  Tensor self_rows;                         // [capacity, cache width]: keys and values of all past tokens; or
  Tensor past_states, states;               // [rows, state width], before this step and after it
  std::span<const int32_t> parents;         // the row of the step before that each row continues; -1: none
  const ProjectedMemory* memory = nullptr;  // null without cross-attention
};

class DecoderLayer {
 public:
  // Without cross-attention this is the layer of a decoder-only language model. A self-attention that reads the memory
  // (config.self_attention.reads_memory) stands for both.
  DecoderLayer(Parameters& parameters, const std::string& name, int layer, const LayerConfig& config,
               bool cross_attention, const std::shared_ptr<const Position>& position = {});

  // Memory undefined: no cross-attention.
  Tensor forward(const Pass& pass, const Tensor& x, const Rows& rows, const Tensor& memory,
                 const Rows& memory_rows) const;

  // The memory's projection for decode_step().
  ProjectedMemory project_memory(const Pass& pass, const Tensor& memory, const Rows& memory_rows) const;

  // One new token per row of x. Its keys and values are written to `new_rows` of the cache, or into its state; so is
  // what the feed-forward network keeps.
  Tensor decode_step(const Pass& pass, const Tensor& x, const Rows& rows, const LayerCache& cache,
                     std::span<const int32_t> new_rows, const ops::CachedKeys& keys, const Rows& memory_rows,
                     std::span<const int32_t> memory_of_row) const;

  // A token that has left the layers already: only its keys and values, made of x, join the cache. No recurrent state.
  void remember_step(const Pass& pass, const Tensor& x, const Rows& rows, const LayerCache& cache,
                     std::span<const int32_t> new_rows) const;

  // Of what every past token leaves, and of what the past as a whole does: that of the attention, then that of the
  // feed-forward network.
  int64_t cache_width() const { return self_attention_.cache_width(); }
  int64_t state_width() const { return self_attention_.state_width() + feed_forward_.state_width(); }
  // Who sees whom in self-attention: what none of them shows, decoding may forget.
  std::vector<kernels::Mask> masks(const Pass& pass) const { return self_attention_.masks(pass); }

 private:
  // The layer around its parts, which differ between a whole sequence and one step.
  template <class Self, class Cross, class Network>
  Tensor around(const Pass& pass, const Tensor& x, const Rows& rows, Self&& self, Cross&& cross,
                Network&& network) const;

  bool parallel_;
  std::shared_ptr<const Position> position_;
  SelfAttention self_attention_;
  ResidualStep self_attention_step_;
  std::vector<CrossAttention> cross_attention_;  // none or one
  std::vector<ResidualStep> cross_attention_step_;
  FeedForward feed_forward_;
  std::vector<ResidualStep> feed_forward_step_;  // none without a feed-forward network
};

}  // namespace heddle::nn
