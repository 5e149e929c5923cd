#pragma once
// v = Σ_i p_i·v_i with p = softmax of a score for each source of each token: what gate and attention share.

#include "heddle/nn/embedding/fusion.h"
#include "heddle/ops/columns.h"
#include "heddle/ops/elementwise_product.h"
#include "heddle/ops/residual_norm.h"
#include "heddle/ops/row_softmax.h"

namespace heddle::nn::embeddings {

// scores [tokens, sources].
inline Tensor weighed_sources(std::span<const Tensor> parts, const Tensor& scores, const Rows& rows) {
  const Tensor p = ops::row_softmax(scores, rows);
  Tensor sum;
  for (size_t i = 0; i < parts.size(); ++i) {
    const auto at = static_cast<int64_t>(i);
    const Tensor part = ops::elementwise_product(parts[i], ops::columns(p, at, at + 1, rows), rows);
    sum = sum.defined() ? ops::residual_add(part, {}, sum, rows, {}) : part;
  }
  return sum;
}

}  // namespace heddle::nn::embeddings
