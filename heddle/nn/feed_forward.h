#pragma once
// The position-wise feed-forward network of a layer, of the kind that its config names (heddle/nn/feedforward/); its
// last bias is left to the residual step that follows. [tokens, width] → [tokens, width].

#include "heddle/nn/feedforward/factory.h"

namespace heddle::nn {

class FeedForward {
 public:
  FeedForward(Parameters& parameters, const std::string& name, int layer, const FeedForwardConfig& config)
      : kind_(feedforward::find(config.kind).make({parameters, name, layer}, config)) {}

  // False: the layer has no such branch, and nothing below may be called.
  bool exists() const { return kind_ != nullptr; }
  // Without the bias of the last product: bias() is for the residual step.
  Tensor forward(const Pass& pass, const Tensor& x, const Rows& rows) const { return kind_->forward(pass, x, rows); }
  Tensor bias(const Pass& pass) const { return kind_->bias(pass); }
  // What decoding keeps of a sequence, and one step of it; see feedforward::Kind.
  int64_t state_width() const { return kind_ ? kind_->state_width() : 0; }
  Tensor step(const Pass& pass, const Tensor& x, const Rows& rows, const Tensor& past, std::span<const int32_t> parents,
              const Tensor& states) const {
    return kind_->step(pass, x, rows, past, parents, states);
  }

 private:
  std::unique_ptr<feedforward::Kind> kind_;
};

}  // namespace heddle::nn
