#pragma once
// Attention whose weights are products of positive features, linear in the length (Katharopoulos et al. 2020,
// "Transformers are RNNs"):
//
//   out_i = φ(q_i)·S_i / φ(q_i)·z_i,   S_i = Σ_j φ(k_j) v_jᵀ,   z_i = Σ_j φ(k_j),   over j <= i (causal) or over all j.
//
// O(n·D·d_v) operations for D features, O(D·d_v) working memory. Rows go by chunks: the pairs within one are multiplied
// out, and the state [S, z] carries what came before. The backward pass goes over the chunks forwards for the queries
// and backwards for keys and values. A row whose sum φ(q)·z is 0, because it has nothing to see, gives zeros and no
// gradient. float runs the fast path, double the reference, which makes all pairs.

#include <cstdint>
#include <span>

#include "heddle/kernels/attention.h"

namespace heddle::kernels {

template <class T>
struct LinearAttention {
  int query_heads = 1, key_heads = 1;  // query_heads is a multiple of key_heads
  int64_t features = 0, value_width = 0;
  bool causal = false;   // row i of a sequence's queries sees rows 0 … i of its keys
  const T* q = nullptr;  // row r at q + r·q_stride: [query_heads, features]
  const T* k = nullptr;  // row r at k + r·k_stride: [key_heads, features]
  const T* v = nullptr;  // row r at v + r·v_stride: [key_heads, value_width]
  int64_t q_stride = 0, k_stride = 0, v_stride = 0;
  std::span<const int32_t> query_offsets;          // [sequences + 1]
  std::span<const int32_t> key_begin, key_length;  // [sequences]
  AttentionProbe<T>* probe = nullptr;              // sees log φ(q)·φ(k) as the scores

  int64_t sequences() const { return query_offsets.empty() ? 0 : std::ssize(query_offsets) - 1; }
};

// out row r at out + r·out_stride: [query_heads, value_width]; sum [rows, query_heads]: φ(q)·z.
void linear_attention(const LinearAttention<float>& call, float* out, int64_t out_stride, float* sum,
                      AttentionScratch& scratch);
void linear_attention(const LinearAttention<double>& call, double* out, int64_t out_stride, double* sum,
                      AttentionScratch& scratch);

template <class T>
struct LinearAttentionGradients {
  const T *out = nullptr, *sum = nullptr;  // as linear_attention() left them
  const T* dout = nullptr;
  int64_t out_stride = 0, dout_stride = 0;
  T *dq = nullptr, *dk = nullptr, *dv = nullptr;  // zero-filled; strides as those of q, k and v
  int64_t dq_stride = 0, dk_stride = 0, dv_stride = 0;
};

void linear_attention_backward(const LinearAttention<float>& call, const LinearAttentionGradients<float>& gradients,
                               AttentionScratch& scratch);
void linear_attention_backward(const LinearAttention<double>& call, const LinearAttentionGradients<double>& gradients,
                               AttentionScratch& scratch);

// The state [S, z] of all keys that a sequence has seen, as numbers side by side: of each key head a matrix
// [features, value_width + 1].
inline int64_t linear_state_width(int64_t key_heads, int64_t features, int64_t value_width) {
  return key_heads * features * (value_width + 1);
}

// Adds the keys and values of sequence s to the state at states + s·width.
template <class T>
void add_to_linear_states(const LinearAttention<T>& call, T* states);

// The queries of sequence s against the state at states + of_query[s]·width (empty: s).
template <class T>
void read_linear_states(const LinearAttention<T>& call, const T* states, std::span<const int32_t> of_query, T* out,
                        int64_t out_stride);

}  // namespace heddle::kernels
