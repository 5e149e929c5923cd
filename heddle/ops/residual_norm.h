#pragma once
// The residual step of a Transformer layer, fused with its norm:
//   sum = residual + dropout(branch + b),  out = norm(sum)·gain + shift.
//
// branch, residual, out [tokens, width]; b, gain, shift [width]; b and shift may be undefined.
// Backward through the norm gives dsum; residual receives dsum, branch dsum through dropout,
// b its sum over the rows.

#include "heddle/kernels/norm.h"
#include "heddle/ops/dropout_site.h"
#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

struct NormWeights {
  kernels::NormKind kind = kernels::NormKind::layer;
  double epsilon = 1e-5;
  Tensor gain, shift;
};

// Post-norm: returns out.
Tensor residual_norm(const Tensor& branch, const Tensor& bias, const Tensor& residual, const NormWeights& weights,
                     const Rows& rows, const DropoutSite& dropout);

// Pre-norm's half: returns sum.
Tensor residual_add(const Tensor& branch, const Tensor& bias, const Tensor& residual, const Rows& rows,
                    const DropoutSite& dropout);

// norm(x)·gain + shift. `pieces`: each row is so many vectors side by side, heads, each normalized apart with the same
// gain and shift [width / pieces].
Tensor norm(const Tensor& x, const NormWeights& weights, const Rows& rows, int64_t pieces = 1);

}  // namespace heddle::ops
