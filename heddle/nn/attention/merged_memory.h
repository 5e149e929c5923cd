#pragma once
// Cross-attention merged with self-attention (model.decoder.cross.place = "merged"; He et al. 2018, "Layer-wise
// coordination between encoder and decoder"): a decoder's token has one query, and one softmax over the keys of its own
// sequence and over those of the source, [W_k·y; U_k·m]. One residual step in place of two. U makes keys and values of
// the source; queries and the output are those of self-attention, which saves 2·d² weights and 4·n·d² operations a
// layer.
//
// Masks, positions and spans speak of the own sequence; the source is seen as a whole.

#include "heddle/nn/attention/config.h"
#include "heddle/nn/linear.h"
#include "heddle/ops/columns.h"

namespace heddle::nn::attentions {

// Keys and values of a memory from one product, name.key_value.
inline Linear declare_key_value(const Place& place, const AttentionConfig& config) {
  const int64_t inner = config.of_head() * config.of_keys();
  Init init = Init::xavier(1.0, config.inner());
  init.other_from = inner;
  init.other_gain = config.start.inner;
  Linear both;
  both.weight = place.parameters.declare({.name = place.name + ".key_value.weight",
                                          .role = "attention",
                                          .shape = {2 * inner, config.width},
                                          .init = init,
                                          .layer = place.layer});
  both.bias = place.parameters.declare({.name = place.name + ".key_value.bias",
                                        .role = "attention",
                                        .shape = {2 * inner},
                                        .init = Init::zeros(),
                                        .layer = place.layer});
  return both;
}

class MergedMemory {
 public:
  MergedMemory(const Place& place, const AttentionConfig& config)
      : inner_(config.of_head() * config.of_keys()), key_value_(declare_key_value(place, config)) {}

  struct Parts {
    Tensor key, value;
  };
  Parts apart(const Pass& pass, const Tensor& memory, const Rows& rows) const {
    const Tensor both = key_value_.forward(pass, memory, rows);
    return {ops::columns(both, 0, inner_, rows), ops::columns(both, inner_, 2 * inner_, rows)};
  }

 private:
  int64_t inner_;
  Linear key_value_;
};

}  // namespace heddle::nn::attentions
