#pragma once
// Neurons whose activation has a number of its own, learned for each.

#include "heddle/nn/feedforward/two_products.h"
#include "heddle/ops/learned_activation.h"

namespace heddle::nn::feedforward {

class Learned : public TwoProducts {
 public:
  static Cost cost(const FeedForwardConfig& config) { return {2 * config.width * config.inner, 2 * config.inner}; }

 protected:
  Learned(const Place& place, const FeedForwardConfig& config, kernels::LearnedActivation activation,
          const std::string& number, double start)
      : TwoProducts(place, config, config.inner),
        activation_(activation),
        number_(place.parameters.declare({.name = place.name + "." + number,
                                          .role = "activation",
                                          .shape = {config.inner},
                                          .init = Init::constant(start),
                                          .layer = place.layer})) {}
  Tensor neurons(const Pass& pass, const Tensor& x, const Rows& rows, const ops::DropoutSite& dropout) const final {
    return ops::learned_activation(first_.product(pass, x, rows), dense_or_none(first_.bias, pass),
                                   weight(number_, pass).dense(), activation_, rows, dropout);
  }

 private:
  kernels::LearnedActivation activation_;
  ParameterId number_;
};

}  // namespace heddle::nn::feedforward
