#pragma once
// v = W_v·x and nothing else: no query meets a key, so that a row is the plain mean of the values it may see, or
// weighed by positions alone (alibi, t5_bias). What the weights of an attention are for shows by their absence. 2·n·d²
// operations; d² weights.

#include "heddle/nn/attention/separate.h"
#include "heddle/ops/tape.h"

namespace heddle::nn::attentions {

class ValueOnly : public Projection {
 public:
  static constexpr Idea kIdea = {.name = "value_only",
                                 .formula = "v = W_v·x, weights without content",
                                 .cost = "2nd², d² weights",
                                 .paper = "Tay et al. 2020 (Synthesizer)",
                                 .traits = {.self_only = true}};
  ValueOnly(const Place& place, const AttentionConfig& config)
      : value_(Separate::declare(place, "value", config, config.start.inner)) {}
  QueryKeyValue apart(const Pass& pass, const Tensor& x, const Rows& rows, bool) const override {
    const Tensor value = value_.forward(pass, x, rows);
    // Their scale is 0: what stands for queries and keys does not matter.
    return {ops::stop_gradient(value), ops::stop_gradient(value), value};
  }
  bool has_scores() const override { return false; }

 private:
  Linear value_;
};

}  // namespace heddle::nn::attentions
