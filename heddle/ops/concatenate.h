#pragma once
// y = [a, b]: the columns of two matrices side by side.
//
// a [rows, n], b [rows, m] → [rows, n + m].

#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

Tensor concatenate(const Tensor& a, const Tensor& b, const Rows& rows);

}  // namespace heddle::ops
