#pragma once
// Attention of packed queries to two sources of keys under one softmax: those of their own sequences, of which masks,
// positions and spans speak, and those of others, which are seen as a whole. Differentiable.

#include "heddle/ops/attention_call.h"

namespace heddle::ops {

// q [query tokens, heads·width] → [query tokens, heads·value width].
Tensor joint_attention(const Tensor& q, const KeysAndValues& own, const KeysAndValues& beside, const Rows& query_rows,
                       const AttentionOptions& options);

}  // namespace heddle::ops
