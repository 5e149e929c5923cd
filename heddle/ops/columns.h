#pragma once
// A dense copy of some columns of a matrix; the gradient flows back into those columns.

#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

Tensor columns(const Tensor& x, int64_t begin, int64_t end, const Rows& rows);

}  // namespace heddle::ops
