#pragma once
// y_f = max_p F_f·[c_p; …; c_{p+k-1}]: filters over the characters of each token, each at the place where it answers
// most (Kim et al. 2016). A bias, the same at every place, may follow.
//
// codes [tokens·length], token after token, 0 behind its last; they outlive the tape. table [codes known, c], filter
// [f, k·c], y [tokens, f]. A token shorter than a filter is filled up with code 0.

#include <cstdint>
#include <span>

#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

Tensor character_convolution(std::span<const int32_t> codes, int64_t length, const Tensor& table, const Tensor& filter,
                             const Rows& rows);

}  // namespace heddle::ops
