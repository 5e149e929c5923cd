#pragma once
// Normalization with a learned gain (and shift): LayerNorm (Ba et al. 2016) or RMSNorm (Zhang & Sennrich 2019),
// and the residual step around it, fused: sum = residual + dropout(branch + bias); out = norm(sum).

#include <string>

#include "heddle/nn/pass.h"
#include "heddle/nn/weight.h"
#include "heddle/ops/residual_norm.h"

namespace heddle::nn {

struct Norm {
  kernels::NormKind kind = kernels::NormKind::layer;
  double epsilon = 1e-5;
  ParameterId gain = kNoParameter;   // [width]
  ParameterId shift = kNoParameter;  // [width]; absent for rms

  static Norm declare(Parameters& parameters, const std::string& name, int layer, kernels::NormKind kind,
                      int64_t width);

  ops::NormWeights weights(const Pass& pass) const;
  Tensor forward(const Pass& pass, const Tensor& x, const Rows& rows) const {
    return ops::norm(x, weights(pass), rows);
  }
};

// Where a layer's norms stand: after the residual sum (Vaswani et al. 2017) or before the branch.
enum class NormPlace : uint8_t { post, pre };

}  // namespace heddle::nn
