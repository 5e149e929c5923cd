#pragma once
// What the schemes share that weigh the two sides of the sum: α·x + gain⊙dropout(branch + bias).

#include "heddle/nn/residual/scheme.h"
#include "heddle/nn/residual/stochastic_depth.h"
#include "heddle/nn/weight.h"
#include "heddle/ops/scaled_sum.h"

namespace heddle::nn::residuals {

class Weighed : public Scheme {
 public:
  Tensor add(const Pass& pass, const Tensor& x, const Tensor& branch, const Tensor& bias, const Rows& rows,
             const ops::DropoutSite& dropout) const final {
    const Tensor whole =
        bias.defined() || dropout.active() ? ops::bias_activation(branch, bias, rows, {.dropout = dropout}) : branch;
    return ops::scaled_sum(x, whole, dense_or_none(gain_, pass), rows,
                           {.residual_scale = residual_scale_, .survival = survival_.of(pass)});
  }

 protected:
  Weighed(const Place& place, const ResidualConfig& config, double residual_scale)
      : residual_scale_(residual_scale), survival_(place, config) {}
  // A learned gain: for each column, or one.
  void learn_gain(const Place& place, const std::string& part, int64_t width, double start) {
    gain_ = place.parameters.declare({.name = place.name + "." + part,
                                      .role = "residual",
                                      .shape = {width},
                                      .init = Init::constant(start),
                                      .layer = place.layer});
  }

 private:
  double residual_scale_;
  StochasticDepth survival_;
  ParameterId gain_ = kNoParameter;
};

}  // namespace heddle::nn::residuals
