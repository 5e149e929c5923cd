#pragma once
// Linear attention of packed queries over packed keys and values that are positive features already (heddle/kernels/
// linear_attention.h), differentiable; and its recurrent form.
//
// q [query tokens, heads·D], k [key tokens, key_heads·D], v [key tokens, key_heads·width] → [query tokens,
// heads·width]. Sequence i of the queries reads sequence i of the keys.

#include <span>

#include "heddle/ops/attention_probe.h"
#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

struct LinearAttentionOptions {
  int heads = 1;
  int key_heads = 1;  // divide the heads
  bool causal = false;
  std::span<const int32_t> of_query = {};  // not recorded with it
  AttentionProbe* probe = nullptr;
};

Tensor linear_attention(const Tensor& q, const Tensor& k, const Tensor& v, const Rows& query_rows, const Rows& key_rows,
                        const LinearAttentionOptions& options);

// All keys and values of each sequence as its state, [sequences, state width]. Not recorded.
Tensor linear_states(const Tensor& k, const Tensor& v, const Rows& key_rows, int key_heads);

// Decoding: the state of each row is that of its parent (a row of `past`; -1: nothing seen yet) and its own key and
// value; written to `states` [rows, state width], which are other memory than `past`. Not recorded.
void advance_linear_states(const Tensor& k, const Tensor& v, const Tensor& past, std::span<const int32_t> parents,
                           int key_heads, const Tensor& states);

// The queries of sequence s against the state of_query[s] (empty: s). Not recorded.
Tensor read_linear_states(const Tensor& q, const Tensor& states, const Rows& rows, std::span<const int32_t> of_query,
                          int heads, int key_heads);

}  // namespace heddle::ops
