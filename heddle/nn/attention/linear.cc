#include "heddle/nn/attention/linear.h"

#include "heddle/kernels/linear_attention.h"
#include "heddle/ops/linear_attention.h"

namespace heddle::nn::attentions {

LinearAttention::LinearAttention(const Place& place, const AttentionConfig& config)
    : heads_(config.heads),
      key_heads_(config.of_keys()),
      state_width_(kernels::linear_state_width(key_heads_, features(config), config.of_head())),
      map_(find_feature_map(config.feature_map).make(place, config)) {}

Tensor LinearAttention::mix(const Pass& pass, const Tensor& query, const Tensor& key, const Tensor& value,
                            const Rows& query_rows, const Rows& key_rows, const ops::AttentionOptions& options) const {
  const bool causal = options.mask == kernels::Mask::causal();
  HEDDLE_CHECK(causal || options.mask == kernels::Mask::full(), "linear attention knows the masks full and causal");
  return ops::linear_attention(map_->query(pass, query, query_rows), map_->key(pass, key, key_rows), value, query_rows,
                               key_rows,
                               {.heads = heads_,
                                .key_heads = key_heads_,
                                .causal = causal,
                                .of_query = options.of_query,
                                .probe = options.probe});
}

Tensor LinearAttention::states(const Pass& pass, const Tensor& key, const Tensor& value, const Rows& rows) const {
  return ops::linear_states(map_->key(pass, key, rows), value, rows, key_heads_);
}

void LinearAttention::advance(const Pass& pass, const Tensor& key, const Tensor& value, const Rows& rows,
                              const Tensor& past, std::span<const int32_t> parents, const Tensor& states) const {
  ops::advance_linear_states(map_->key(pass, key, rows), value, past, parents, key_heads_, states);
}

Tensor LinearAttention::read(const Pass& pass, const Tensor& query, const Tensor& states, const Rows& rows,
                             std::span<const int32_t> of_query) const {
  return ops::read_linear_states(map_->query(pass, query, rows), states, rows, of_query, heads_, key_heads_);
}

}  // namespace heddle::nn::attentions
