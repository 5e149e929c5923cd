#pragma once
// Attention of packed sequences to themselves whose keys and values take two gradients: where one mask shows them, and
// where another does. The numbers of both are the same; what they were made of differs, such as states and states
// behind a stopped gradient.

#include "heddle/ops/attention.h"

namespace heddle::ops {

// Keys and values [tokens, key_heads·width], and who sees them so.
struct MaskedKeys {
  Tensor key, value;
  kernels::Mask mask;
};

// The masks have no pair in common; that of the options is their union.
Tensor attention_with_memory(const Tensor& q, const MaskedKeys& own, const MaskedKeys& memory, const Rows& rows,
                             const AttentionOptions& options);

}  // namespace heddle::ops
