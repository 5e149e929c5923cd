#pragma once
// y_h = sum_h + softmax(logits_h)_which·x_h: one of several parts whose weighted mean a head makes of them, with
// learned weights.
//
// x, sum (undefined: 0), y [tokens, heads·width]; logits [heads, parts].

#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

Tensor add_share(const Tensor& sum, const Tensor& x, const Tensor& logits, int64_t which, const Rows& rows);

}  // namespace heddle::ops
