#pragma once
// y = x + branch(x) (He et al. 2016). O(n·d), no weights.

#include "heddle/nn/residual/scheme.h"

namespace heddle::nn::residuals {

class Plain : public Scheme {
 public:
  static constexpr Idea kIdea = {.name = "plain", .formula = "x + f(x)", .cost = "O(nd)", .paper = "He et al. 2016"};
  static BranchStart start(const Depth&) { return {}; }
  Plain(const Place&, const ResidualConfig&) {}

  bool is_plain_sum() const override { return true; }
  Tensor add(const Pass&, const Tensor& x, const Tensor& branch, const Tensor& bias, const Rows& rows,
             const ops::DropoutSite& dropout) const override {
    return ops::residual_add(branch, bias, x, rows, dropout);
  }
};

}  // namespace heddle::nn::residuals
