#pragma once
// A kind of feed-forward network: what it computes for each token, alone or with its neighbours. [tokens, width] →
// [tokens, width].

#include <memory>
#include <span>

#include "heddle/nn/dropout/dropout.h"
#include "heddle/nn/idea.h"
#include "heddle/nn/pass.h"
#include "heddle/nn/place.h"
#include "heddle/tensor/rows.h"

namespace heddle::nn {

// Of kind moe.
struct ExpertsConfig {
  int64_t count = 8;
  int64_t top_k = 2;          // experts of each token
  std::string kind = "relu";  // of each expert, a kind of feed-forward network
  bool among_chosen = false;  // gates are a softmax over the chosen experts, not over all
  double capacity = 0;        // of an expert while training, times an even share; 0: no token is dropped
  double balance = 0.01;      // weight of the loss that spreads tokens evenly
};

// Of kind convolution.
struct ConvolutionConfig {
  int64_t width = 5;    // rows that one sees
  bool gated = false;   // SiLU(convolved)·plain, not max(0, convolved)
  bool causal = false;  // sees none of the later ones
};

struct FeedForwardConfig {
  int64_t width = 0;
  int64_t inner = 0;
  std::string kind = "relu";
  int64_t rank = 0;            // of low_rank; 0: a quarter of the smaller side
  DropoutConfig dropout = {};  // on the neurons
  BranchStart start = {};
  ExpertsConfig experts = {};
  ConvolutionConfig convolution = {};
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
  // Numbers of a sequence's past that the next row depends on; 0: on none.
  virtual int64_t state_width() const { return 0; }
  // forward() of one new row of each sequence, whose past is row parents[r] of `past` [·, state width] (-1: none);
  // with what it leaves in row r of `states`.
  virtual Tensor step(const Pass& pass, const Tensor& x, const Rows& rows, const Tensor& /*past*/,
                      std::span<const int32_t> /*parents*/, const Tensor& /*states*/) const {
    return forward(pass, x, rows);
  }
};

}  // namespace feedforward
}  // namespace heddle::nn
