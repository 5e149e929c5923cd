#pragma once
// y = log softmax(x) over each row; backward dx = dy - softmax(x)·Σ dy. [rows, classes]. An x that is moved in
// and that nobody else holds becomes y without a copy.

#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

Tensor log_softmax(Tensor x, const Rows& rows);

}  // namespace heddle::ops
