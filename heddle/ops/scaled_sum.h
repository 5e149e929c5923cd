#pragma once
// y = α·residual + survives·gain⊙branch: a residual sum whose sides are weighed.
//
// residual, branch, y [tokens, width]; gain [width], [1], or undefined (1). `survival` decides for each example whether
// its branch counts at all (stochastic depth); what survives is scaled by 1/(1-p).

#include "heddle/ops/dropout_site.h"
#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

struct ScaledSumOptions {
  double residual_scale = 1.0;
  DropoutSite survival = {};
};

Tensor scaled_sum(const Tensor& residual, const Tensor& branch, const Tensor& gain, const Rows& rows,
                  const ScaledSumOptions& options);

}  // namespace heddle::ops
