#pragma once
// A convolution over each sequence, channel by channel:
//
//   y[t, c] = Σ_j w[j, c]·x[t + j - back, c]   over the rows of t's sequence that are no padding
//
// back = taps - 1 where causal, so that a row sees none of the later ones, else taps/2. x, y [rows, width]; w [taps,
// channels]; columns from `channels` on go through as they are. O(rows·taps·channels).

#include <span>

#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

Tensor depthwise_convolution(const Tensor& x, const Tensor& weight, const Rows& rows, bool causal);

// A causal one of one new row of each sequence, for inference. The row before it left (taps - 1)·channels numbers, its
// inputs, oldest first, in row parents[r] of `past` (-1: there is none); row r of `states` gets its own.
Tensor advance_convolution(const Tensor& x, const Tensor& weight, const Tensor& past, std::span<const int32_t> parents,
                           const Tensor& states);

}  // namespace heddle::ops
