#pragma once
// Neurons that are products of two halves of W1·x + b1: activation(gate)·up (Dauphin et al. 2017), in one fused pass.

#include "heddle/nn/feedforward/two_products.h"
#include "heddle/ops/gated.h"

namespace heddle::nn::feedforward {

class Gated : public TwoProducts {
 public:
  static Cost cost(const FeedForwardConfig& config) { return {3 * config.width * config.inner, 3 * config.inner}; }

 protected:
  Gated(const Place& place, const FeedForwardConfig& config, kernels::Activation gate)
      : TwoProducts(place, config, 2 * config.inner), gate_(gate) {}
  Tensor neurons(const Pass& pass, const Tensor& x, const Rows& rows, const ops::DropoutSite& dropout) const final {
    return ops::gated(first_.product(pass, x, rows), dense_or_none(first_.bias, pass), gate_, rows, dropout);
  }

 private:
  kernels::Activation gate_;
};

}  // namespace heddle::nn::feedforward
