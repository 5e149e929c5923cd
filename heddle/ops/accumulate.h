#pragma once
// into += from, for dense float tensors of equal count.

#include "heddle/tensor/tensor.h"

namespace heddle::ops {

void accumulate(const Tensor& from, const Tensor& into);

}  // namespace heddle::ops
