#pragma once
// Neurons that are a fixed function of one product each: f(W1·x + b1), fused with bias and dropout.

#include "heddle/nn/feedforward/two_products.h"

namespace heddle::nn::feedforward {

class Activated : public TwoProducts {
 public:
  // `kept`: numbers a neuron leaves for the backward pass.
  static Cost cost_keeping(const FeedForwardConfig& config, int64_t kept) {
    return {2 * config.width * config.inner, kept * config.inner};
  }
  // Its input and its output.
  static Cost cost(const FeedForwardConfig& config) { return cost_keeping(config, 2); }

 protected:
  Activated(const Place& place, const FeedForwardConfig& config, kernels::Activation activation)
      : TwoProducts(place, config, config.inner), activation_(activation) {}
  Tensor neurons(const Pass& pass, const Tensor& x, const Rows& rows, const ops::DropoutSite& dropout) const final {
    return first_.forward(pass, x, rows, {.activation = activation_, .dropout = dropout});
  }

 private:
  kernels::Activation activation_;
};

}  // namespace heddle::nn::feedforward
