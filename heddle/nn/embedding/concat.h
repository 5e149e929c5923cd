#pragma once
// v = [v_1; v_2; …]: the sources side by side, each with columns of its own (Kim et al. 2016 join words and characters
// so). Their widths add up to the model's. O(n·d).

#include "heddle/nn/embedding/fusion.h"
#include "heddle/ops/concatenate.h"

namespace heddle::nn::embeddings {

class Concat : public Fusion {
 public:
  static constexpr Idea kIdea = {
      .name = "concat", .formula = "[v_1; v_2; …]", .cost = "O(nd)", .paper = "Coates & Bollegala 2018"};
  static constexpr bool kSideBySide = true;
  Concat(const Place&, const FusionConfig&) {}

  Tensor fuse(const Pass&, std::span<const Tensor> parts, const Rows& rows) const override {
    Tensor all = parts[0];
    for (const Tensor& part : parts.subspan(1)) all = ops::concatenate(all, part, rows);
    return all;
  }
};

}  // namespace heddle::nn::embeddings
