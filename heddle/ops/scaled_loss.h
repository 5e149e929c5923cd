#pragma once
// loss + factor·other: what is minimized beside a training loss.
//
// Both are scalars (shape [1]). The training loss keeps the factor 1, as an eager sink needs it (TapeOptions).

#include "heddle/tensor/tensor.h"

namespace heddle::ops {

Tensor add_scaled_loss(const Tensor& loss, const Tensor& other, double factor);

}  // namespace heddle::ops
