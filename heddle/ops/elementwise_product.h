#pragma once
// y = a ⊙ b; b may be one number for each row.
//
// a, y [rows, width]; b [rows, width] or [rows, 1].

#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

Tensor elementwise_product(const Tensor& a, const Tensor& b, const Rows& rows);

}  // namespace heddle::ops
