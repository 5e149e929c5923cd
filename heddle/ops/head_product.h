#pragma once
// y_h = x_h·W_h for each head: a square matrix of its own between a head's queries and its keys.
//
// x, y [tokens, heads·width]; W [heads·width, width], head after head.

#include "heddle/ops/compute.h"
#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

Tensor head_product(const Tensor& x, const Tensor& weight, const Rows& rows, Compute compute = Compute::f32);

}  // namespace heddle::ops
