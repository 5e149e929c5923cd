#pragma once
// q = W_q·x, c = W_c·x + b, k = W_k·c, v = W_v·c: keys and values of all heads from one vector of r numbers
// (DeepSeek-AI 2024, DeepSeek-V2: multi-head latent attention), r = model.attention.rank. Decoding keeps c alone, r
// numbers a token in place of 2·d: W_k moves over to the query, q_h·W_k,h·c, and W_v behind the weighted mean of c, so
// that the cache is never expanded. 2·n·d·(d + r) + 4·n·r·d operations; d² + 3·d·r weights.
//
// The paper's turned part of queries and keys beside these is left out: what changes a key by its place or length
// (rope, shaw, transformer_xl, qk_norm, cosine) would make W_k stay, and is refused.

#include "heddle/nn/attention/projection.h"

namespace heddle::nn::attentions {

class Latent : public Projection, public LatentCache {
 public:
  static constexpr Idea kIdea = {.name = "latent",
                                 .formula = "q = W_q·x, c = W_c·x, k = W_k·c, v = W_v·c, c of r numbers",
                                 .cost = "2nd(d + r) + 4nrd, d² + 3dr weights",
                                 .paper = "DeepSeek-AI 2024 (DeepSeek-V2)"};
  static int64_t rank_of(const AttentionConfig& config) {
    return config.rank ? config.rank : std::max<int64_t>(1, config.width / 2);
  }
  Latent(const Place& place, const AttentionConfig& config);

  QueryKeyValue apart(const Pass& pass, const Tensor& x, const Rows& rows, bool dense) const override;
  const LatentCache* latent_cache() const override { return this; }
  Tensor query(const Pass& pass, const Tensor& x, const Rows& rows) const override {
    return query_.forward(pass, x, rows);
  }

  int64_t width() const override { return rank_; }
  Tensor latent(const Pass& pass, const Tensor& x, const Rows& rows) const override {
    return down_.forward(pass, x, rows);
  }
  Tensor meeting(const Pass& pass, const Tensor& query, const Rows& rows) const override;
  Tensor values(const Pass& pass, const Tensor& mixed, const Rows& rows) const override;

 private:
  int64_t rank_, heads_, head_width_;
  Linear query_, down_;
  ParameterId key_, value_;  // [heads·head width, rank]
};

}  // namespace heddle::nn::attentions
