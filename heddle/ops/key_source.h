#pragma once
// From keys and values as tensors to the kernel's description of where they lie.

#include "heddle/ops/attention_call.h"

namespace heddle::ops {

// Their lengths, masks and positions stay to be told; the offsets and of_query are those of `of`, which lives as long.
template <class T>
kernels::KeySource<T> key_source_of(const KeysAndValues& of) {
  kernels::KeySource<T> source;
  source.keys = of.key.strided_data<T>();
  source.values = of.value.strided_data<T>();
  source.key_stride = of.key.row_stride();
  source.value_stride = of.value.row_stride();
  source.begin = of.rows.offsets;
  source.of_query = of.of_query;
  return source;
}

// length[s]: the rows of sequence s that are no padding.
inline void note_lengths(const Rows& rows, std::span<int32_t> length) {
  for (size_t s = 0; s < length.size(); ++s) length[s] = rows.real_rows(static_cast<int64_t>(s));
}

}  // namespace heddle::ops
