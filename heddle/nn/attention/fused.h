#pragma once
// [q; k; v] = W·x: queries, keys and values of all heads from one product. 6·n·d² operations; 3·d² weights.

#include "heddle/nn/attention/projection.h"

namespace heddle::nn::attentions {

class Fused : public Projection {
 public:
  static constexpr Idea kIdea = {
      .name = "fused", .formula = "[q; k; v] = W·x", .cost = "6nd², 3d² weights", .paper = "Vaswani et al. 2017"};
  Fused(const Place& place, const AttentionConfig& config);

  Tensor side_by_side(const Pass& pass, const Tensor& x, const Rows& rows) const override {
    return all_.forward(pass, x, rows);
  }
  QueryKeyValue apart(const Pass& pass, const Tensor& x, const Rows& rows, bool dense) const override;

 private:
  int64_t inner_, key_inner_;
  Linear all_;
};

}  // namespace heddle::nn::attentions
