#pragma once
// A normalization of the rows of a packed matrix. [tokens, width] → [tokens, width].

#include <memory>

#include "heddle/nn/idea.h"
#include "heddle/nn/pass.h"
#include "heddle/nn/place.h"
#include "heddle/ops/residual_norm.h"

namespace heddle::nn {

struct NormConfig {
  std::string kind = "layer";
  int64_t width = 0;
  int64_t groups = 0;  // of group; 0: 32, or as many as divide the width
};

class Norm {
 public:
  virtual ~Norm() = default;
  virtual Tensor forward(const Pass& pass, const Tensor& x, const Rows& rows) const = 0;
  // The residual step before it: norm(residual + dropout(branch + bias)). A kind may fuse the two.
  virtual Tensor after_sum(const Pass& pass, const Tensor& branch, const Tensor& bias, const Tensor& residual,
                           const Rows& rows, const ops::DropoutSite& dropout) const {
    return forward(pass, ops::residual_add(branch, bias, residual, rows, dropout), rows);
  }
};

}  // namespace heddle::nn
