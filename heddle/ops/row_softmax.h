#pragma once
// y = softmax of each row; x, y [rows, width].

#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

Tensor row_softmax(const Tensor& x, const Rows& rows);

}  // namespace heddle::ops
