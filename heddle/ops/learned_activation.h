#pragma once
// y = dropout(f(x + bias, p)) for an activation with a learned number p for each column.
//
// x, y [tokens, width]; bias [width] (may be undefined), p [width].

#include "heddle/kernels/learned_activation.h"
#include "heddle/ops/dropout_site.h"
#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

Tensor learned_activation(const Tensor& x, const Tensor& bias, const Tensor& p, kernels::LearnedActivation activation,
                          const Rows& rows, const DropoutSite& dropout);

}  // namespace heddle::ops
