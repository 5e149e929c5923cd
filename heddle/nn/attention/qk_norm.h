#pragma once
// Queries and keys of each head normalized before they meet, so that no score can grow without bound (Henry et al.
// 2020; Dehghani et al. 2023). layer or rms, with a gain for each number of a head, the same for all heads. O(n·d);
// 2·d_h weights.

#include "heddle/nn/attention/config.h"
#include "heddle/nn/weight.h"
#include "heddle/ops/residual_norm.h"

namespace heddle::nn::attentions {

class QkNorm {
 public:
  QkNorm(const Place& place, const AttentionConfig& config) : heads_(config.heads), key_heads_(config.of_keys()) {
    if (config.qk_norm == "none") return;
    kind_ = config.qk_norm == "layer" ? kernels::NormKind::layer : kernels::NormKind::rms;
    const auto declare = [&](const std::string& part) {
      return place.parameters.declare({.name = place.name + "." + part + ".weight",
                                       .role = "norm",
                                       .shape = {config.of_head()},
                                       .init = Init::ones(),
                                       .layer = place.layer});
    };
    query_gain_ = declare("query_norm");
    key_gain_ = declare("key_norm");
  }

  bool exists() const { return query_gain_ != kNoParameter; }
  Tensor query(const Pass& pass, const Tensor& query, const Rows& rows) const {
    return ops::norm(query, {kind_, 1e-5, weight(query_gain_, pass).dense(), {}}, rows, heads_);
  }
  Tensor key(const Pass& pass, const Tensor& key, const Rows& rows) const {
    return ops::norm(key, {kind_, 1e-5, weight(key_gain_, pass).dense(), {}}, rows, key_heads_);
  }

 private:
  int64_t heads_, key_heads_;
  kernels::NormKind kind_ = kernels::NormKind::rms;
  ParameterId query_gain_ = kNoParameter, key_gain_ = kNoParameter;
};

}  // namespace heddle::nn::attentions
