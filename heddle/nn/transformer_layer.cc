#include "heddle/nn/transformer_layer.h"

#include "heddle/ops/scatter_rows.h"

namespace heddle::nn {

ResidualStep::ResidualStep(Parameters& parameters, const std::string& name, int layer, const LayerConfig& config)
    : norm_(Norm::declare(parameters, name + ".norm", layer, config.norm, config.width)),
      place_(config.norm_place),
      dropout_(config.dropout),
      dropout_site_(site_id(name + ".dropout")) {}

Tensor ResidualStep::enter(const Pass& pass, const Tensor& x, const Rows& rows) const {
  return place_ == NormPlace::pre ? norm_.forward(pass, x, rows) : x;
}

Tensor ResidualStep::leave(const Pass& pass, const Tensor& x, const Tensor& branch, const Tensor& bias,
                           const Rows& rows) const {
  const ops::DropoutSite dropout = pass.dropout(dropout_site_, dropout_);
  if (place_ == NormPlace::pre) return ops::residual_add(branch, bias, x, rows, dropout);
  return ops::residual_norm(branch, bias, x, norm_.weights(pass), rows, dropout);
}

EncoderLayer::EncoderLayer(Parameters& parameters, const std::string& name, int layer, const LayerConfig& config)
    : attention_(parameters, name + ".self_attention", layer, config.self_attention),
      attention_step_(parameters, name + ".self_attention", layer, config),
      feed_forward_(parameters, name + ".feed_forward", layer, config.feed_forward),
      feed_forward_step_(parameters, name + ".feed_forward", layer, config) {}

Tensor EncoderLayer::forward(const Pass& pass, const Tensor& x, const Rows& rows) const {
  const Tensor mixed = attention_.forward(pass, attention_step_.enter(pass, x, rows), rows);
  const Tensor h = attention_step_.leave(pass, x, mixed, attention_.bias(pass), rows);
  const Tensor neurons = feed_forward_.forward(pass, feed_forward_step_.enter(pass, h, rows), rows);
  return feed_forward_step_.leave(pass, h, neurons, feed_forward_.bias(pass), rows);
}

DecoderLayer::DecoderLayer(Parameters& parameters, const std::string& name, int layer, const LayerConfig& config,
                           bool cross_attention)
    : self_attention_(parameters, name + ".self_attention", layer, config.self_attention),
      self_attention_step_(parameters, name + ".self_attention", layer, config),
      feed_forward_(parameters, name + ".feed_forward", layer, config.feed_forward),
      feed_forward_step_(parameters, name + ".feed_forward", layer, config) {
  if (!cross_attention) return;
  cross_attention_.emplace_back(parameters, name + ".cross_attention", layer, config.cross_attention);
  cross_attention_step_.emplace_back(parameters, name + ".cross_attention", layer, config);
}

Tensor DecoderLayer::forward(const Pass& pass, const Tensor& x, const Rows& rows, const Tensor& memory,
                             const Rows& memory_rows) const {
  const Tensor mixed = self_attention_.forward(pass, self_attention_step_.enter(pass, x, rows), rows);
  Tensor h = self_attention_step_.leave(pass, x, mixed, self_attention_.bias(pass), rows);
  if (!cross_attention_.empty()) {
    const Tensor projected = project_memory(pass, memory, memory_rows);
    const Tensor read =
        cross_attention_[0].forward(pass, cross_attention_step_[0].enter(pass, h, rows), rows, projected, memory_rows);
    h = cross_attention_step_[0].leave(pass, h, read, cross_attention_[0].bias(pass), rows);
  }
  const Tensor neurons = feed_forward_.forward(pass, feed_forward_step_.enter(pass, h, rows), rows);
  return feed_forward_step_.leave(pass, h, neurons, feed_forward_.bias(pass), rows);
}

Tensor DecoderLayer::project_memory(const Pass& pass, const Tensor& memory, const Rows& memory_rows) const {
  return cross_attention_[0].project_memory(pass, memory, memory_rows);
}

Tensor DecoderLayer::decode_step(const Pass& pass, const Tensor& x, const Rows& rows, const LayerCache& cache,
                                 std::span<const int32_t> new_rows, const ops::CachedKeys& keys,
                                 const Rows& memory_rows, std::span<const int32_t> memory_of_row) const {
  const int64_t inner = self_attention_.config().inner();
  const auto [query, key, value] = self_attention_.project(pass, self_attention_step_.enter(pass, x, rows), rows);
  ops::scatter_rows(key, new_rows, cache.self_rows.column_range(0, inner));
  ops::scatter_rows(value, new_rows, cache.self_rows.column_range(inner, 2 * inner));
  const Tensor mixed = self_attention_.attend_cached(pass, query, keys, rows);
  Tensor h = self_attention_step_.leave(pass, x, mixed, self_attention_.bias(pass), rows);
  if (!cross_attention_.empty()) {
    const Tensor read = cross_attention_[0].forward(pass, cross_attention_step_[0].enter(pass, h, rows), rows,
                                                    *cache.memory, memory_rows, memory_of_row);
    h = cross_attention_step_[0].leave(pass, h, read, cross_attention_[0].bias(pass), rows);
  }
  const Tensor neurons = feed_forward_.forward(pass, feed_forward_step_.enter(pass, h, rows), rows);
  return feed_forward_step_.leave(pass, h, neurons, feed_forward_.bias(pass), rows);
}

}  // namespace heddle::nn
