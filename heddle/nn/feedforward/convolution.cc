#include "heddle/nn/feedforward/convolution.h"

#include <cmath>

#include "heddle/nn/observer.h"
#include "heddle/ops/depthwise_convolution.h"
#include "heddle/ops/gated.h"

namespace heddle::nn::feedforward {

Convolution::Convolution(const Place& place, const FeedForwardConfig& config)
    : config_(config.convolution),
      inner_(config.inner),
      neurons_point_(place.name + ".neurons"),
      dropout_(neurons_point_, config.dropout),
      first_(Linear::declare(place.parameters, place.name + ".first", "feed_forward", place.layer, config.width,
                             (config_.gated ? 2 : 1) * config.inner, config.start.inner, config.inner)),
      second_(Linear::declare(place.parameters, place.name + ".second", "feed_forward", place.layer, config.inner,
                              config.width, config.start.last)),
      kernel_(place.parameters.declare({.name = place.name + ".convolution.weight",
                                        .role = "feed_forward",
                                        .shape = {config_.width, config.inner},
                                        .init = Init::normal(1 / std::sqrt(static_cast<double>(config_.width))),
                                        .layer = place.layer})) {}

Tensor Convolution::finish(const Pass& pass, const Tensor& convolved, const Rows& rows) const {
  const ops::DropoutSite dropout = dropout_.fused(pass);
  const Tensor bias = dense_or_none(first_.bias, pass);
  Tensor neurons = config_.gated ? ops::gated(convolved, bias, kernels::Activation::silu, rows, dropout)
                                 : ops::bias_activation(convolved, bias, rows,
                                                        {.activation = kernels::Activation::relu, .dropout = dropout});
  neurons = dropout_.after(pass, neurons, rows);
  if (observer(pass)) neurons = observer(pass)->at(neurons_point_, neurons, rows);
  return second_.product(pass, neurons, rows);
}

Tensor Convolution::forward(const Pass& pass, const Tensor& x, const Rows& rows) const {
  return finish(
      pass,
      ops::depthwise_convolution(first_.product(pass, x, rows), weight(kernel_, pass).dense(), rows, config_.causal),
      rows);
}

Tensor Convolution::step(const Pass& pass, const Tensor& x, const Rows& rows, const Tensor& past,
                         std::span<const int32_t> parents, const Tensor& states) const {
  const Tensor inner = first_.product(pass, x, rows);
  return finish(pass, ops::advance_convolution(inner, weight(kernel_, pass).dense(), past, parents, states), rows);
}

}  // namespace heddle::nn::feedforward
