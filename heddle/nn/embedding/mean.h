#pragma once
// v = Σ_i v_i/m of m sources (Coates & Bollegala 2018, "Frustratingly easy meta-embedding"). O(n·d) a source.

#include "heddle/nn/embedding/fusion.h"
#include "heddle/ops/scaled_sum.h"
#include "heddle/ops/workspace.h"

namespace heddle::nn::embeddings {

class Mean : public Fusion {
 public:
  static constexpr Idea kIdea = {
      .name = "mean", .formula = "Σ_i v_i/m", .cost = "O(nd) a source", .paper = "Coates & Bollegala 2018"};
  static constexpr bool kSideBySide = false;
  Mean(const Place&, const FusionConfig&) {}

  Tensor fuse(const Pass&, std::span<const Tensor> parts, const Rows& rows) const override {
    const double share = 1 / static_cast<double>(parts.size());
    const Tensor gain = ops::new_tensor({1}, parts[0].dtype());
    copy_into(Tensor::from<double>({1}, std::span(&share, 1)), gain);
    Tensor sum = ops::scaled_sum(parts[0], parts[1], gain, rows, {.residual_scale = share});
    for (const Tensor& part : parts.subspan(2)) sum = ops::scaled_sum(sum, part, gain, rows, {});
    return sum;
  }
};

}  // namespace heddle::nn::embeddings
