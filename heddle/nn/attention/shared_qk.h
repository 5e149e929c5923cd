#pragma once
// q = k = W_qk·x, v = W_v·x: one matrix for both (Kitaev et al. 2020, Reformer). Scores are symmetric, and the largest
// of a row is most often a token's own. 4·n·d² operations; 2·d² weights.

#include "heddle/nn/attention/separate.h"

namespace heddle::nn::attentions {

class SharedQk : public Projection {
 public:
  static constexpr Idea kIdea = {.name = "shared_qk",
                                 .formula = "q = k = W_qk·x, v = W_v·x",
                                 .cost = "4nd², 2d² weights",
                                 .paper = "Kitaev et al. 2020",
                                 .traits = {.self_only = true}};
  SharedQk(const Place& place, const AttentionConfig& config)
      : query_key_(Separate::declare(place, "query_key", config, 1.0)),
        value_(Separate::declare(place, "value", config, config.start.inner)) {}
  QueryKeyValue apart(const Pass& pass, const Tensor& x, const Rows& rows, bool) const override {
    const Tensor both = query_key_.forward(pass, x, rows);
    return {both, both, value_.forward(pass, x, rows)};
  }

 private:
  Linear query_key_, value_;
};

}  // namespace heddle::nn::attentions
