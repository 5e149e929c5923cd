#pragma once
// Attention of packed sequences to places at learned offsets (heddle/kernels/offset_attention.h), differentiable, and
// over a cache.
//
// q [tokens, heads·width], k and v [tokens, key_heads·width], offsets [heads, samples] → [tokens, heads·width].

#include "heddle/ops/cached_attention.h"

namespace heddle::ops {

struct OffsetAttentionOptions {
  int heads = 1;
  int key_heads = 1;  // divide the heads
  double scale = 1;
  bool causal = false;
  DropoutSite dropout = {};
};

Tensor offset_attention(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& offsets, const Rows& rows,
                        const OffsetAttentionOptions& options);

// Decoding: one query row per sequence, at its position in `rows`. Not recorded; no dropout.
Tensor cached_offset_attention(const Tensor& q, const CachedKeys& cache, const Tensor& offsets, const Rows& rows,
                               const OffsetAttentionOptions& options);

}  // namespace heddle::ops
