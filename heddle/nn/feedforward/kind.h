#pragma once
// A kind of feed-forward network: what it computes for each token alone. [tokens, width] → [tokens, width].

#include <memory>

#include "heddle/nn/idea.h"
#include "heddle/nn/pass.h"
#include "heddle/nn/place.h"
#include "heddle/tensor/rows.h"

namespace heddle::nn {

struct FeedForwardConfig {
  int64_t width = 0;
  int64_t inner = 0;
  std::string kind = "relu";
  int64_t rank = 0;      // of low_rank; 0: a quarter of the smaller side
  double dropout = 0.0;  // on the neurons
  BranchStart start = {};
};

namespace feedforward {

// Of one token.
struct Cost {
  int64_t products = 0;  // multiply-adds of matrix products
  int64_t kept = 0;      // numbers that wait for the backward pass, without the output
};

class Kind {
 public:
  virtual ~Kind() = default;
  // Without the bias of the last product, which is left to the residual step that follows.
  virtual Tensor forward(const Pass& pass, const Tensor& x, const Rows& rows) const = 0;
  virtual Tensor bias(const Pass& pass) const = 0;
};

}  // namespace feedforward
}  // namespace heddle::nn
