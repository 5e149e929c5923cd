#pragma once
// What the norms of single rows share that have fused kernels: with the residual sum before them one pass.

#include "heddle/nn/norm/declare.h"
#include "heddle/nn/norm/norm.h"
#include "heddle/nn/weight.h"

namespace heddle::nn::norms {

class RowNorm : public Norm {
 public:
  Tensor forward(const Pass& pass, const Tensor& x, const Rows& rows) const final {
    return ops::norm(x, weights(pass), rows);
  }
  Tensor after_sum(const Pass& pass, const Tensor& branch, const Tensor& bias, const Tensor& residual, const Rows& rows,
                   const ops::DropoutSite& dropout) const final {
    return ops::residual_norm(branch, bias, residual, weights(pass), rows, dropout);
  }

 protected:
  // The shift is of layer alone.
  RowNorm(const Place& place, const NormConfig& config, kernels::NormKind kind)
      : kind_(kind), gain_(declare(place, "weight", config.width, 1.0)) {
    if (kind == kernels::NormKind::layer) shift_ = declare(place, "bias", config.width, 0.0);
  }

 private:
  ops::NormWeights weights(const Pass& pass) const {
    return {kind_, 1e-5, weight(gain_, pass).dense(), dense_or_none(shift_, pass)};
  }

  kernels::NormKind kind_;
  ParameterId gain_, shift_ = kNoParameter;
};

}  // namespace heddle::nn::norms
