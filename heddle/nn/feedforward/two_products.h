#pragma once
// What most feed-forward networks share: y = W2·neurons(W1·x) + b2, neurons [tokens, inner].

#include "heddle/nn/feedforward/kind.h"
#include "heddle/nn/linear.h"

namespace heddle::nn::feedforward {

class TwoProducts : public Kind {
 public:
  Tensor forward(const Pass& pass, const Tensor& x, const Rows& rows) const final;
  Tensor bias(const Pass& pass) const final { return dense_or_none(second_.bias, pass); }

 protected:
  // W1 has `first_rows` rows: inner, or more where several of them make one neuron.
  TwoProducts(const Place& place, const FeedForwardConfig& config, int64_t first_rows);
  // With the dropout.
  virtual Tensor neurons(const Pass& pass, const Tensor& x, const Rows& rows,
                         const ops::DropoutSite& dropout) const = 0;

  Linear first_, second_;

 private:
  std::string neurons_point_;
  Dropout dropout_;
};

}  // namespace heddle::nn::feedforward
