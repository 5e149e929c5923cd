#pragma once
// y = x·W: a linear layer's weight [out, in] read the other way. x [tokens, out], y [tokens, in].

#include "heddle/ops/compute.h"
#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

Tensor transposed_linear(const Tensor& x, const Tensor& weight, const Rows& rows, Compute compute = Compute::f32);

}  // namespace heddle::ops
