#pragma once
// The position-wise feed-forward network: W2·dropout(activation(W1·x + b1)); its last bias is left to the
// residual step that follows. [tokens, width] → [tokens, width].

#include <string>

#include "heddle/nn/linear.h"

namespace heddle::nn {

struct FeedForwardConfig {
  int64_t width = 0;
  int64_t inner = 0;
  kernels::Activation activation = kernels::Activation::relu;
  double dropout = 0.0;  // on the neurons
};

class FeedForward {
 public:
  FeedForward(Parameters& parameters, const std::string& name, int layer, const FeedForwardConfig& config);

  // Without the bias of the second product: bias() is for the residual step.
  Tensor forward(const Pass& pass, const Tensor& x, const Rows& rows) const;
  Tensor bias(const Pass& pass) const { return dense_or_none(second_.bias, pass); }

 private:
  std::string name_, neurons_point_;
  uint64_t dropout_site_;
  FeedForwardConfig config_;
  Linear first_, second_;
};

}  // namespace heddle::nn
