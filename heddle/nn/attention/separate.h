#pragma once
// q = W_q·x, k = W_k·x, v = W_v·x: three products, as the paper writes them (Vaswani et al. 2017); the same function as
// fused, whose matrix is these three one above the other. 6·n·d² operations; 3·d² weights.

#include "heddle/nn/attention/projection.h"

namespace heddle::nn::attentions {

class Separate : public Projection {
 public:
  static constexpr Idea kIdea = {.name = "separate",
                                 .formula = "q = W_q·x, k = W_k·x, v = W_v·x",
                                 .cost = "6nd², 3d² weights",
                                 .paper = "Vaswani et al. 2017"};
  Separate(const Place& place, const AttentionConfig& config)
      : query_(declare(place, "query", config, 1.0)),
        key_(declare(place, "key", config, 1.0)),
        value_(declare(place, "value", config, config.start.inner)) {}
  QueryKeyValue apart(const Pass& pass, const Tensor& x, const Rows& rows, bool) const override {
    return {query_.forward(pass, x, rows), key_.forward(pass, x, rows), value_.forward(pass, x, rows)};
  }

  static Linear declare(const Place& place, const std::string& part, const AttentionConfig& config, double gain) {
    return Linear::declare(place.parameters, place.name + "." + part, "attention", place.layer, config.width,
                           config.inner(), gain);
  }

 private:
  Linear query_, key_, value_;
};

}  // namespace heddle::nn::attentions
