#include "heddle/nn/transformer_layer.h"

#include "heddle/nn/position/factory.h"
#include "heddle/ops/embedding.h"
#include "heddle/ops/residual_streams.h"
#include "heddle/ops/scatter_rows.h"
#include "heddle/ops/workspace.h"

namespace heddle::nn {
namespace {

std::shared_ptr<const Position> position_of(const Place& place, const LayerConfig& config,
                                            const std::shared_ptr<const Position>& shared) {
  if (config.position.kind == "none") return shared;
  return positions::make(place.at("position"), config.position);
}

// x with the layer's own position vectors, where it has some.
Tensor with_positions(const Pass& pass, const Position* position, const Tensor& x, const Rows& rows) {
  const Tensor table = position ? position->table(pass) : Tensor();
  if (!table.defined()) return x;
  Tensor vectors = ops::embed(rows.position, table, 1.0, {}, rows, {});
  if (x.width() > table.width()) vectors = ops::into_streams(vectors, x.width() / table.width(), rows);
  return ops::residual_add(vectors, {}, x, rows, {});
}

// Puts the keys and values of new tokens, or what stands for both, into the cache.
void remember(const QueryKeyValue& parts, const LayerCache& cache, std::span<const int32_t> new_rows) {
  const int64_t keys = parts.key.width();
  ops::scatter_rows(parts.key, new_rows, cache.self_rows.column_range(0, keys));
  if (!parts.value.defined()) return;
  ops::scatter_rows(parts.value, new_rows, cache.self_rows.column_range(keys, keys + parts.value.width()));
}

// The step of a layer's branch, from 0; in a parallel layer all read the norm that the first one made.
ResidualStepConfig step_of(const LayerConfig& config, int64_t branch) {
  ResidualStepConfig step = config.step;
  step.reads_norm = branch == 0 || !config.parallel;
  step.residual.depth.branch = branch;
  return step;
}

// step(past, states) on columns [begin, end) of what a layer keeps; a copy of them where the layer keeps more.
template <class Step>
Tensor with_state(const LayerCache& cache, int64_t begin, int64_t end, Step&& step) {
  if (end - begin == cache.states.width()) return step(cache.past_states, cache.states);
  const Shape shape = {cache.states.rows(), end - begin};
  const Tensor past = ops::new_tensor(shape, cache.states.dtype()), states = ops::new_tensor(shape, past.dtype());
  copy_into(cache.past_states.column_range(begin, end), past);
  Tensor y = step(past, states);
  copy_into(states, cache.states.column_range(begin, end));
  return y;
}

}  // namespace

EncoderLayer::EncoderLayer(Parameters& parameters, const std::string& name, int layer, const LayerConfig& config,
                           const std::shared_ptr<const Position>& position)
    : parallel_(config.parallel),
      position_(position_of({parameters, name, layer}, config, position)),
      attention_(parameters, name + ".self_attention", layer, config.self_attention, position_),
      attention_step_(parameters, name + ".self_attention", layer, step_of(config, 0)),
      feed_forward_(parameters, name + ".feed_forward", layer, config.feed_forward) {
  if (feed_forward_.exists())
    feed_forward_step_.emplace_back(parameters, name + ".feed_forward", layer, step_of(config, 1));
}

Tensor EncoderLayer::forward(const Pass& pass, const Tensor& input, const Rows& rows) const {
  const Tensor x = with_positions(pass, position_.get(), input, rows);
  const Tensor entered = attention_step_.enter(pass, x, rows);
  const Tensor mixed = attention_.forward(pass, entered, rows);
  const Tensor h = attention_step_.leave(pass, x, mixed, attention_.bias(pass), rows);
  if (!feed_forward_.exists()) return h;
  const ResidualStep& step = feed_forward_step_[0];
  const Tensor neurons = feed_forward_.forward(pass, parallel_ ? entered : step.enter(pass, h, rows), rows);
  return step.leave(pass, h, neurons, feed_forward_.bias(pass), rows);
}

DecoderLayer::DecoderLayer(Parameters& parameters, const std::string& name, int layer, const LayerConfig& config,
                           bool cross_attention, const std::shared_ptr<const Position>& position)
    : parallel_(config.parallel),
      position_(position_of({parameters, name, layer}, config, position)),
      self_attention_(parameters, name + ".self_attention", layer, config.self_attention, position_),
      self_attention_step_(parameters, name + ".self_attention", layer, step_of(config, 0)),
      feed_forward_(parameters, name + ".feed_forward", layer, config.feed_forward) {
  const bool crosses = cross_attention && !config.self_attention.reads_memory;
  if (feed_forward_.exists())
    feed_forward_step_.emplace_back(parameters, name + ".feed_forward", layer, step_of(config, crosses ? 2 : 1));
  if (!crosses) return;
  cross_attention_.emplace_back(parameters, name + ".cross_attention", layer, config.cross_attention);
  cross_attention_step_.emplace_back(parameters, name + ".cross_attention", layer, step_of(config, 1));
}

template <class Self, class Cross, class Network>
Tensor DecoderLayer::around(const Pass& pass, const Tensor& input, const Rows& rows, Self&& self, Cross&& cross,
                            Network&& network) const {
  const Tensor x = with_positions(pass, position_.get(), input, rows);
  const Tensor entered = self_attention_step_.enter(pass, x, rows);
  Tensor h = self_attention_step_.leave(pass, x, self(entered), self_attention_.bias(pass), rows);
  if (!cross_attention_.empty()) {
    const ResidualStep& step = cross_attention_step_[0];
    const Tensor read = cross(parallel_ ? entered : step.enter(pass, h, rows));
    h = step.leave(pass, h, read, cross_attention_[0].bias(pass), rows);
  }
  if (!feed_forward_.exists()) return h;
  const ResidualStep& step = feed_forward_step_[0];
  const Tensor made = network(parallel_ ? entered : step.enter(pass, h, rows));
  return step.leave(pass, h, made, feed_forward_.bias(pass), rows);
}

Tensor DecoderLayer::forward(const Pass& pass, const Tensor& x, const Rows& rows, const Tensor& memory,
                             const Rows& memory_rows) const {
  return around(
      pass, x, rows,
      [&](const Tensor& entered) {
    if (!self_attention_.config().reads_memory) return self_attention_.forward(pass, entered, rows);
    return self_attention_.forward(pass, entered, rows, self_attention_.project_memory(pass, memory, memory_rows),
                                   memory_rows);
      },
      [&](const Tensor& entered) {
    const CrossAttention& attention = cross_attention_[0];
    return attention.forward(pass, entered, rows, attention.project_memory(pass, memory, memory_rows), memory_rows);
  },
      [&](const Tensor& entered) { return feed_forward_.forward(pass, entered, rows); });
}

ProjectedMemory DecoderLayer::project_memory(const Pass& pass, const Tensor& memory, const Rows& memory_rows) const {
  if (cross_attention_.empty()) return self_attention_.project_memory(pass, memory, memory_rows);
  return cross_attention_[0].remember(pass, memory, memory_rows);
}

void DecoderLayer::remember_step(const Pass& pass, const Tensor& input, const Rows& rows, const LayerCache& cache,
                                 std::span<const int32_t> new_rows) const {
  const Tensor x = with_positions(pass, position_.get(), input, rows);
  remember(self_attention_.project_cached(pass, self_attention_step_.enter(pass, x, rows), rows), cache, new_rows);
}

Tensor DecoderLayer::decode_step(const Pass& pass, const Tensor& x, const Rows& rows, const LayerCache& cache,
                                 std::span<const int32_t> new_rows, const ops::CachedKeys& keys,
                                 const Rows& memory_rows, std::span<const int32_t> memory_of_row) const {
  const int64_t of_attention = self_attention_.state_width(), of_both = state_width();
  return around(
      pass, x, rows,
      [&](const Tensor& entered) {
    const QueryKeyValue parts = self_attention_.project_cached(pass, entered, rows);
    if (of_attention > 0)
      return with_state(cache, 0, of_attention, [&](const Tensor& past, const Tensor& states) {
        return self_attention_.attend_states(pass, parts, rows, past, cache.parents, states);
      });
    remember(parts, cache, new_rows);
    if (!self_attention_.config().reads_memory) return self_attention_.attend_cached(pass, parts.query, keys, rows);
    const ops::KeysAndValues beside = {cache.memory->key, cache.memory->value, memory_rows, memory_of_row};
    ops::CachedKeys both = keys;
    both.beside = &beside;
    return self_attention_.attend_cached(pass, parts.query, both, rows);
      },
      [&](const Tensor& entered) {
    return cross_attention_[0].forward(pass, entered, rows, *cache.memory, memory_rows, memory_of_row);
  },
      [&](const Tensor& entered) {
    if (of_both == of_attention) return feed_forward_.forward(pass, entered, rows);
    return with_state(cache, of_attention, of_both, [&](const Tensor& past, const Tensor& states) {
      return feed_forward_.step(pass, entered, rows, past, cache.parents, states);
    });
      });
}

}  // namespace heddle::nn
