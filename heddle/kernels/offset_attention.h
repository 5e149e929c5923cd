#pragma once
// Attention of each query to a few places of its sequence: those at learned offsets from its own, which may lie between
// two keys (deformable attention in one dimension; Dai et al. 2017, Zhu et al. 2021).
//
//   out_i = Σ_s p_is·v(x_is),  p_i = softmax_s(scale·q_i·k(x_is)),  x_is = position of i + offset_s, within the
//   sequence,
//
// k(x) and v(x) between neighbours on a straight line. A place before the first key is the first, one behind the last
// the last, and moving it there changes nothing. causal: x_is = position of i - |offset_s|, so that no later key is
// read.
//
// O(n·samples·width) operations, no working memory that grows. A sequence without keys gives zeros.

#include <cstdint>
#include <span>

#include "heddle/kernels/attention.h"

namespace heddle::kernels {

inline constexpr int kMostOffsets = 64;

template <class T>
struct OffsetAttention {
  int query_heads = 1, key_heads = 1;  // query_heads is a multiple of key_heads
  int samples = 1;                     // at most kMostOffsets
  int64_t key_width = 0, value_width = 0;
  T scale = 1;
  bool causal = false;
  const T* offsets = nullptr;  // [query_heads, samples]
  AttentionQueries<T> queries;
  KeySource<T> source;  // sequence i is that of query sequence i; the mask is not asked
  // Of the weights, as AttentionPlan::dropout; the decision's column is the sample.
  Dropout dropout;
};

// out row r at out + r·out_stride: [query_heads, value_width].
template <class T>
void offset_attention(const OffsetAttention<T>& call, T* out, int64_t out_stride);

template <class T>
struct OffsetAttentionGradients {
  const T* dout = nullptr;
  int64_t dout_stride = 0;
  T* dq = nullptr;  // added to, as all others
  int64_t dq_stride = 0;
  KeyGradients<T> keys;
  T* doffsets = nullptr;  // [query sequences, query_heads, samples]
};

template <class T>
void offset_attention_backward(const OffsetAttention<T>& call, const OffsetAttentionGradients<T>& gradients);

}  // namespace heddle::kernels
