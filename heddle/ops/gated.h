#pragma once
// y = dropout(activation(g)·u) with [g, u] = x + bias: a gated linear unit after its product.
//
// x [tokens, 2·width], gates first; bias [2·width] (may be undefined); y [tokens, width].

#include "heddle/kernels/activation.h"
#include "heddle/ops/dropout_site.h"
#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

Tensor gated(const Tensor& x, const Tensor& bias, kernels::Activation gate, const Rows& rows,
             const DropoutSite& dropout);

}  // namespace heddle::ops
