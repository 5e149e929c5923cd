#pragma once
// Token vectors: out[r] = dropout(scale·table[ids[r]] + positions[position of r]).
//
// table [vocab, width], positions [max_length, width] (may be undefined, fixed, or learned).
// Backward adds rows: dtable[ids[r]] += scale·g[r], dpositions[position] += g[r].

#include <span>

#include "heddle/ops/dropout_site.h"
#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

// Throws InputError when an id lies outside the table.
Tensor embed(std::span<const int32_t> ids, const Tensor& table, double scale, const Tensor& positions, const Rows& rows,
             const DropoutSite& dropout);

}  // namespace heddle::ops
