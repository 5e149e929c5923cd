#pragma once
// A linear layer: y = activation(x·Wᵀ + b), then dropout. x [tokens, in] → y [tokens, out].

#include <string>

#include "heddle/nn/weight.h"

namespace heddle::nn {

struct Linear {
  ParameterId weight = kNoParameter;  // [out, in]
  ParameterId bias = kNoParameter;    // [out]; kNoParameter: none

  // Declares name.weight and name.bias. `fan_out`: see Init::xavier.
  static Linear declare(Parameters& parameters, const std::string& name, const std::string& role, int layer, int64_t in,
                        int64_t out, double gain = 1.0, int64_t fan_out = 0);

  Tensor forward(const Pass& pass, const Tensor& x, const Rows& rows, ops::LinearOptions options = {}) const;
  // Without the bias, for a caller whose next pass adds it.
  Tensor product(const Pass& pass, const Tensor& x, const Rows& rows) const;
};

}  // namespace heddle::nn
