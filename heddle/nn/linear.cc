#include "heddle/nn/linear.h"

namespace heddle::nn {

Linear Linear::declare(Parameters& parameters, const std::string& name, const std::string& role, int layer, int64_t in,
                       int64_t out, double gain, int64_t fan_out) {
  Linear linear;
  linear.weight = parameters.declare({.name = name + ".weight",
                                      .role = role,
                                      .shape = {out, in},
                                      .init = Init::xavier(gain, fan_out),
                                      .layer = layer});
  linear.bias =
      parameters.declare({.name = name + ".bias", .role = role, .shape = {out}, .init = Init::zeros(), .layer = layer});
  return linear;
}

Tensor Linear::forward(const Pass& pass, const Tensor& x, const Rows& rows, ops::LinearOptions options) const {
  options.compute = pass.compute;
  return nn::weight(weight, pass).product(x, dense_or_none(bias, pass), rows, options);
}

Tensor Linear::product(const Pass& pass, const Tensor& x, const Rows& rows) const {
  return nn::weight(weight, pass).product(x, {}, rows, {.compute = pass.compute});
}

}  // namespace heddle::nn
