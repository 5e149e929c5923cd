#pragma once
// A dense bfloat16 copy of an f32 matrix, for products with bfloat16 inputs.

#include "heddle/tensor/tensor.h"

namespace heddle::ops {

Tensor narrowed(const Tensor& tensor);

}  // namespace heddle::ops
