#pragma once
// How a branch joins the residual stream: y = what the scheme makes of x and branch(x). [tokens, width].

#include <memory>

#include "heddle/nn/idea.h"
#include "heddle/nn/pass.h"
#include "heddle/nn/place.h"
#include "heddle/ops/residual_norm.h"

namespace heddle::nn {

// Where a layer stands: depth decides scales.
struct Depth {
  int64_t encoder_layers = 0, decoder_layers = 0;  // of the model; 0: no such stack
  bool in_decoder = false;
  int64_t layer = 0;
  int64_t branch = 0;  // of the layer: self-attention, cross-attention where there is one, feed-forward

  int64_t own_layers() const { return in_decoder ? decoder_layers : encoder_layers; }
  // Attention, cross-attention, feed-forward.
  int64_t branches_of_layer() const { return in_decoder && encoder_layers > 0 ? 3 : 2; }
  // All branches of the stack count on.
  int64_t branch_of_stack() const { return layer * branches_of_layer() + branch; }
};

struct ResidualConfig {
  std::string kind = "plain";
  int64_t width = 0;
  Depth depth = {};
  double stochastic_depth = 0.0;  // probability that the last layer's branches are left out, see stochastic_depth.h
  int64_t streams = 1;            // of width `width` each, see hyper_connections.h
  bool dynamic = false;           // their mixing depends on the state
};

namespace residuals {

class Scheme {
 public:
  virtual ~Scheme() = default;
  // Whether the sum is x + dropout(branch + bias) and nothing else, which a norm may fuse with itself.
  virtual bool is_plain_sum() const { return false; }
  // What the branch reads of x, which is [tokens, streams·width] where there are several streams: [tokens, width].
  virtual Tensor enter(const Pass&, const Tensor& x, const Rows&) const { return x; }
  virtual Tensor add(const Pass& pass, const Tensor& x, const Tensor& branch, const Tensor& bias, const Rows& rows,
                     const ops::DropoutSite& dropout) const = 0;
};

}  // namespace residuals
}  // namespace heddle::nn
