#pragma once
// Dense copies of a matrix in the other format, for products with bfloat16 inputs and for what is kept as bfloat16.

#include "heddle/tensor/tensor.h"

namespace heddle::ops {

Tensor narrowed(const Tensor& tensor);  // f32 → bf16
Tensor widened(const Tensor& tensor);   // bf16 → f32

}  // namespace heddle::ops
