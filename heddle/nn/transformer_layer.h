#pragma once
// The layers of "Attention Is All You Need": attention, then feed-forward, each inside a residual step
// with dropout and a norm, which stands after the sum (post) or before the branch (pre; Xiong et al. 2020).

#include <string>

#include "heddle/nn/feed_forward.h"
#include "heddle/nn/multi_head_attention.h"
#include "heddle/nn/norm.h"

namespace heddle::nn {

struct LayerConfig {
  int64_t width = 0;
  AttentionConfig self_attention, cross_attention;
  FeedForwardConfig feed_forward;
  kernels::NormKind norm = kernels::NormKind::layer;
  NormPlace norm_place = NormPlace::post;
  double dropout = 0.0;  // on each branch before the residual sum
};

// One residual step: x + dropout(branch), with its norm.
class ResidualStep {
 public:
  ResidualStep(Parameters& parameters, const std::string& name, int layer, const LayerConfig& config);

  // What the branch reads: norm(x) for pre, x for post.
  Tensor enter(const Pass& pass, const Tensor& x, const Rows& rows) const;
  // What the layer goes on with; `bias` is that of the branch's last product.
  Tensor leave(const Pass& pass, const Tensor& x, const Tensor& branch, const Tensor& bias, const Rows& rows) const;

 private:
  Norm norm_;
  NormPlace place_;
  double dropout_;
  uint64_t dropout_site_;
};

class EncoderLayer {
 public:
  EncoderLayer(Parameters& parameters, const std::string& name, int layer, const LayerConfig& config);
  Tensor forward(const Pass& pass, const Tensor& x, const Rows& rows) const;

 private:
  SelfAttention attention_;
  ResidualStep attention_step_;
  FeedForward feed_forward_;
  ResidualStep feed_forward_step_;
};

// The keys and values that one decoder layer sees while it decodes.
struct LayerCache {
  Tensor self_rows;                // [capacity, 2·inner]: keys and values of all past tokens
  const Tensor* memory = nullptr;  // projected memory; null without cross-attention
};

class DecoderLayer {
 public:
  // Without cross-attention this is the layer of a decoder-only language model.
  DecoderLayer(Parameters& parameters, const std::string& name, int layer, const LayerConfig& config,
               bool cross_attention);

  // Memory undefined: no cross-attention.
  Tensor forward(const Pass& pass, const Tensor& x, const Rows& rows, const Tensor& memory,
                 const Rows& memory_rows) const;

  // The memory's projection for decode_step().
  Tensor project_memory(const Pass& pass, const Tensor& memory, const Rows& memory_rows) const;

  // One new token per row of x. Its keys and values are written to `new_rows` of the cache.
  Tensor decode_step(const Pass& pass, const Tensor& x, const Rows& rows, const LayerCache& cache,
                     std::span<const int32_t> new_rows, const ops::CachedKeys& keys, const Rows& memory_rows,
                     std::span<const int32_t> memory_of_row) const;

  int64_t cache_width() const { return 2 * self_attention_.config().inner(); }

 private:
  SelfAttention self_attention_;
  ResidualStep self_attention_step_;
  std::vector<CrossAttention> cross_attention_;  // none or one
  std::vector<ResidualStep> cross_attention_step_;
  FeedForward feed_forward_;
  ResidualStep feed_forward_step_;
};

}  // namespace heddle::nn
