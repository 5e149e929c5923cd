#pragma once
// y = gain·tanh(α·x) + shift. x, y [tokens, width]; α [1]; gain, shift [width].

#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

Tensor dynamic_tanh(const Tensor& x, const Tensor& alpha, const Tensor& gain, const Tensor& shift, const Rows& rows);

}  // namespace heddle::ops
