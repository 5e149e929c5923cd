#pragma once
// y = g·x/max(‖x‖, ε) for each vector; a row is `pieces` vectors side by side, each with a learned length of its own.
// x, y [tokens, width]; g [pieces], or undefined: 1.

#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

Tensor scale_norm(const Tensor& x, const Tensor& length, const Rows& rows, int64_t pieces = 1);

}  // namespace heddle::ops
