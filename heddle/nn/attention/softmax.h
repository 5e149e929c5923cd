#pragma once
// Σ_j p_ij·v_j, p_i the softmax of the scores of row i (Vaswani et al. 2017). 4·n²·d operations, and no more memory
// than its rows (heddle/kernels/attention.h).

#include "heddle/nn/attention/kind.h"

namespace heddle::nn::attentions {

class Softmax : public Kind {
 public:
  static constexpr Idea kIdea = {
      .name = "softmax", .formula = "Σ_j softmax_j(s_ij)·v_j", .cost = "4n²d", .paper = "Vaswani et al. 2017"};
  static constexpr bool kHasWeights = true, kIsSoftmax = true;
  static int64_t features(const AttentionConfig& config) { return config.of_head(); }
  static int64_t products(const AttentionConfig& config, int64_t, int64_t, int64_t pairs) {
    return 2 * pairs * config.inner();
  }
  Softmax(const Place&, const AttentionConfig&) {}

  Tensor mix(const Pass&, const Tensor& query, const Tensor& key, const Tensor& value, const Rows& query_rows,
             const Rows& key_rows, const ops::AttentionOptions& options) const override {
    return ops::attention(query, key, value, query_rows, key_rows, options);
  }
  bool is_plain() const override { return true; }
};

}  // namespace heddle::nn::attentions
