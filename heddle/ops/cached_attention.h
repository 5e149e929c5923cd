#pragma once
// Attention over a cache of keys and values, while a text is made token by token. Not recorded; no dropout.

#include "heddle/ops/attention_call.h"

namespace heddle::ops {

// The past of every query sequence: row numbers in a cache of keys and values side by side.
struct CachedKeys {
  static constexpr size_t kMostRuns = 4;

  Tensor rows;                           // [capacity, key_heads·(key width + value width)]
  std::span<const int32_t> table;        // row numbers, sequence after sequence
  std::span<const int32_t> table_begin;  // [sequences]
  std::span<const int32_t> length;       // [sequences] rows of each
  // Positions of those rows, ascending and apart, the same for all sequences: at most kMostRuns. Empty: from 0 on.
  std::span<const kernels::KeyRange> runs = {};
  bool values_are_keys = false;  // then rows are [capacity, key_heads·key width]
  // Keys and values of other sequences under the same softmax, seen as a whole; null: none.
  const KeysAndValues* beside = nullptr;
};

// One query row per sequence, at its position in `rows`.
Tensor cached_attention(const Tensor& q, const CachedKeys& cache, const Rows& rows, const AttentionOptions& options);

}  // namespace heddle::ops
