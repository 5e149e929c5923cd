#pragma once
// y = log softmax(x) over each row; backward dx = dy - softmax(x)·Σ dy. [rows, classes].

#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

Tensor log_softmax(const Tensor& x, const Rows& rows);

}  // namespace heddle::ops
