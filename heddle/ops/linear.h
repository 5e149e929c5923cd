#pragma once
// y = dropout(activation(x·Wᵀ + b)): one product and one fused pass over its result.
//
// x [tokens, in], W [out, in], b [out] (may be undefined), y [tokens, out].
// Backward, with p = x·Wᵀ + b and g = dy through dropout and activation'(p):
//   dx = g·W,  dW += gᵀ·x,  db += Σ_rows g.

#include "heddle/kernels/activation.h"
#include "heddle/kernels/packed_weight.h"
#include "heddle/ops/compute.h"
#include "heddle/ops/dropout_site.h"
#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

struct LinearOptions {
  kernels::Activation activation = kernels::Activation::none;
  DropoutSite dropout = {};
  Compute compute = Compute::f32;
};

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias, const Rows& rows,
              const LinearOptions& options = {});

// The same for inference, with a weight that is packed for it. x is f32; nothing is recorded.
Tensor packed_linear(const Tensor& x, const kernels::PackedWeight& weight, const Tensor& bias, const Rows& rows,
                     const LinearOptions& options = {});

// The fused pass alone: dropout(activation(x + b)).
Tensor bias_activation(const Tensor& x, const Tensor& bias, const Rows& rows, const LinearOptions& options);

}  // namespace heddle::ops
