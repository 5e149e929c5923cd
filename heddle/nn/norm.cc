#include "heddle/nn/norm.h"

namespace heddle::nn {

Norm Norm::declare(Parameters& parameters, const std::string& name, int layer, kernels::NormKind kind, int64_t width) {
  Norm norm;
  norm.kind = kind;
  norm.gain = parameters.declare(
      {.name = name + ".weight", .role = "norm", .shape = {width}, .init = Init::ones(), .layer = layer});
  if (kind == kernels::NormKind::layer)
    norm.shift = parameters.declare(
        {.name = name + ".bias", .role = "norm", .shape = {width}, .init = Init::zeros(), .layer = layer});
  return norm;
}

ops::NormWeights Norm::weights(const Pass& pass) const {
  return {kind, epsilon, weight(gain, pass).dense(), dense_or_none(shift, pass)};
}

}  // namespace heddle::nn
