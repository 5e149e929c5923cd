#pragma once
// v = Σ_i v_i, as the vectors of words, segments and positions are joined (Devlin et al. 2019). O(n·d) a source.

#include "heddle/nn/embedding/fusion.h"
#include "heddle/ops/residual_norm.h"

namespace heddle::nn::embeddings {

class Sum : public Fusion {
 public:
  static constexpr Idea kIdea = {
      .name = "sum", .formula = "Σ_i v_i", .cost = "O(nd) a source", .paper = "Devlin et al. 2019 (BERT)"};
  static constexpr bool kSideBySide = false;
  Sum(const Place&, const FusionConfig&) {}

  Tensor fuse(const Pass&, std::span<const Tensor> parts, const Rows& rows) const override {
    Tensor sum = parts[0];
    for (const Tensor& part : parts.subspan(1)) sum = ops::residual_add(part, {}, sum, rows, {});
    return sum;
  }
};

}  // namespace heddle::nn::embeddings
