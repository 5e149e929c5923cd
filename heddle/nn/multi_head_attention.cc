#include "heddle/nn/multi_head_attention.h"

#include "heddle/nn/attention/sampled_weights.h"
#include "heddle/ops/columns.h"
#include "heddle/ops/joint_attention.h"
#include "heddle/ops/tape.h"

namespace heddle::nn {
namespace {

Tensor through(const Pass& pass, const std::string& point, const Tensor& value, const Rows& rows) {
  return observer(pass) ? observer(pass)->at(point, value, rows) : value;
}

ops::AttentionOptions options_for(const Pass& pass, const AttentionConfig& config, const std::string& name,
                                  uint64_t dropout_site, uint64_t noise_site) {
  return {.heads = config.heads,
          .key_heads = config.of_keys(),
          .scale = config.scale(),
          .dropout = pass.dropout(dropout_site, config.dropout),
          .mask = config.mask,
          .probe = observer(pass) ? observer(pass)->attention(name) : nullptr,
          .noise = attentions::sampled_weights(pass, config, noise_site)};
}

Linear declare_output(Parameters& parameters, const std::string& name, int layer, const AttentionConfig& config) {
  return Linear::declare(parameters, name + ".output", "attention", layer, config.inner(), config.width,
                         config.start.last);
}

}  // namespace

SelfAttention::SelfAttention(Parameters& parameters, const std::string& name, int layer, const AttentionConfig& config,
                             std::shared_ptr<const Position> position)
    : name_(name),
      config_(config),
      position_(std::move(position)),
      dropout_site_(site_id(name + ".weights")),
      noise_site_(site_id(name + ".noise")),
      head_dropout_(attentions::head_dropout(name, config)),
      projection_(attentions::find_projection(config.projection).make({parameters, name, layer}, config)),
      norm_({parameters, name, layer}, config),
      score_(attentions::find_score(config.score).make({parameters, name, layer}, config)),
      kind_(attentions::find_kind(config.kind).make({parameters, name, layer}, config)),
      output_(declare_output(parameters, name, layer, config)),
      query_point_(name + ".query"),
      key_point_(name + ".key"),
      value_point_(name + ".value"),
      output_point_(name + ".output"),
      memory_key_point_(name + ".memory.key"),
      memory_value_point_(name + ".memory.value") {
  if (config.reads_memory) memory_.emplace(Place{parameters, name + ".memory", layer}, config);
}

ops::AttentionOptions SelfAttention::options(const Pass& pass, const Rows& rows, const kernels::Mask& mask) const {
  ops::AttentionOptions options = options_for(pass, config_, name_, dropout_site_, noise_site_);
  options.mask = mask;
  if (!projection_->has_scores()) options.scale = 0;
  options.additive = score_->additive(pass);
  if (position_) options.term = position_->term(pass, rows);
  kind_->adjust(pass, rows, options);
  return options;
}

Tensor SelfAttention::forward(const Pass& pass, const Tensor& x, const Rows& rows, const kernels::Mask& mask) const {
  const ops::AttentionOptions how = options(pass, rows, mask);
  Tensor all = stays_fused(pass) ? projection_->side_by_side(pass, x, rows) : Tensor();
  Tensor mixed;
  if (all.defined()) {
    const ops::RotaryTable rotary = position_ ? position_->rotary(pass) : ops::RotaryTable{};
    if (rotary.cosine.defined()) all = ops::rotate(all, config_.inner() + key_width(), config_.of_head(), rotary, rows);
    mixed = ops::self_attention(all, rows, how);
  } else {
    const QueryKeyValue parts = project(pass, x, rows);
    if (kind_->has_memory() && ops::recording({&parts.key, &parts.value})) {
      Pass unseen = pass;  // a probe has seen these numbers
      unseen.probe = nullptr;
      mixed = kind_->mix_with_memory(pass, parts, project(unseen, ops::stop_gradient(x), rows), rows, how);
    } else {
      mixed = kind_->mix(pass, parts.query, parts.key, parts.value, rows, rows, how);
    }
  }
  mixed = head_dropout_.after(pass, mixed, rows);
  return output_.product(pass, through(pass, output_point_, mixed, rows), rows);
}

Tensor SelfAttention::forward(const Pass& pass, const Tensor& x, const Rows& rows, const ProjectedMemory& memory,
                              const Rows& memory_rows) const {
  const QueryKeyValue parts = project(pass, x, rows);
  Tensor mixed = ops::joint_attention(parts.query, {parts.key, parts.value, rows},
                                      {memory.key, memory.value, memory_rows}, rows, options(pass, rows, config_.mask));
  mixed = head_dropout_.after(pass, mixed, rows);
  return output_.product(pass, through(pass, output_point_, mixed, rows), rows);
}

ProjectedMemory SelfAttention::project_memory(const Pass& pass, const Tensor& memory, const Rows& memory_rows) const {
  auto [key, value] = memory_->apart(pass, memory, memory_rows);
  if (norm_.exists()) key = norm_.key(pass, key, memory_rows);
  if (score_->changes()) key = score_->key(pass, key, memory_rows);
  return {.key = through(pass, memory_key_point_, key, memory_rows),
          .value = through(pass, memory_value_point_, value, memory_rows)};
}

QueryKeyValue SelfAttention::project(const Pass& pass, const Tensor& x, const Rows& rows) const {
  auto [q, k, v] = projection_->apart(pass, x, rows, !stays_fused(pass));
  if (norm_.exists()) {
    q = norm_.query(pass, q, rows);
    k = norm_.key(pass, k, rows);
  }
  if (score_->changes()) {
    q = score_->query(pass, q, rows);
    k = score_->key(pass, k, rows);
  }
  const ops::RotaryTable rotary = position_ ? position_->rotary(pass) : ops::RotaryTable{};
  if (rotary.cosine.defined()) {
    q = ops::rotate(q, q.width(), config_.of_head(), rotary, rows);
    k = ops::rotate(k, k.width(), config_.of_head(), rotary, rows);
  }
  return {through(pass, query_point_, q, rows), through(pass, key_point_, k, rows),
          through(pass, value_point_, v, rows)};
}

QueryKeyValue SelfAttention::project_cached(const Pass& pass, const Tensor& x, const Rows& rows) const {
  const attentions::LatentCache* latent = projection_->latent_cache();
  if (!latent) return project(pass, x, rows);
  const Tensor query = through(pass, query_point_, score_->query(pass, latent->query(pass, x, rows), rows), rows);
  return {latent->meeting(pass, query, rows), latent->latent(pass, x, rows), {}};
}

Tensor SelfAttention::attend_cached(const Pass& pass, const Tensor& query, const ops::CachedKeys& cache,
                                    const Rows& rows) const {
  const attentions::LatentCache* latent = projection_->latent_cache();
  ops::AttentionOptions how = options(pass, rows, config_.mask);
  ops::CachedKeys keys = cache;
  if (latent) {
    how.key_heads = 1;
    keys.values_are_keys = true;
  }
  Tensor mixed = kind_->mix_cached(pass, query, keys, rows, how);
  if (latent) mixed = latent->values(pass, mixed, rows);
  return output_.product(pass, through(pass, output_point_, mixed, rows), rows);
}

std::vector<kernels::Mask> SelfAttention::masks(const Pass& pass) const {
  ops::AttentionOptions how = {.mask = config_.mask};
  Pass aside = pass;  // nothing is trained here
  aside.training = false;
  kind_->adjust(aside, {}, how);
  if (how.head_masks.empty()) return {how.mask};
  return {how.head_masks.begin(), how.head_masks.end()};
}

Tensor SelfAttention::attend_states(const Pass& pass, const QueryKeyValue& parts, const Rows& rows, const Tensor& past,
                                    std::span<const int32_t> parents, const Tensor& states) const {
  const attentions::Recurrence& recurrence = *kind_->recurrence();
  recurrence.advance(pass, parts.key, parts.value, rows, past, parents, states);
  const Tensor mixed = recurrence.read(pass, parts.query, states, rows, {});
  return output_.product(pass, through(pass, output_point_, mixed, rows), rows);
}

CrossAttention::CrossAttention(Parameters& parameters, const std::string& name, int layer,
                               const AttentionConfig& config)
    : name_(name),
      config_(config),
      dropout_site_(site_id(name + ".weights")),
      noise_site_(site_id(name + ".noise")),
      head_dropout_(attentions::head_dropout(name, config)),
      query_(Linear::declare(parameters, name + ".query", "attention", layer, config.width, config.inner())),
      key_value_(attentions::declare_key_value({parameters, name, layer}, config)),
      output_(declare_output(parameters, name, layer, config)),
      norm_({parameters, name, layer}, config),
      score_(attentions::find_score(config.score).make({parameters, name, layer}, config)),
      kind_(attentions::find_kind(config.kind).make({parameters, name, layer}, config)),
      query_point_(name + ".query"),
      key_point_(name + ".key"),
      value_point_(name + ".value"),
      output_point_(name + ".output") {}

ProjectedMemory CrossAttention::project_memory(const Pass& pass, const Tensor& memory, const Rows& memory_rows) const {
  const Tensor both = key_value_.forward(pass, memory, memory_rows);
  if (kind_->is_plain() && !norm_.exists() && !score_->changes()) return {.side_by_side = both};
  const int64_t inner = both.width() / 2;
  Tensor key = ops::columns(both, 0, inner, memory_rows);
  if (norm_.exists()) key = norm_.key(pass, key, memory_rows);
  return {.key = score_->key(pass, key, memory_rows), .value = ops::columns(both, inner, 2 * inner, memory_rows)};
}

ProjectedMemory CrossAttention::remember(const Pass& pass, const Tensor& memory, const Rows& memory_rows) const {
  ProjectedMemory projected = project_memory(pass, memory, memory_rows);
  if (const auto* recurrence = kind_->recurrence())
    projected.states = recurrence->states(pass, projected.key, projected.value, memory_rows);
  return projected;
}

Tensor CrossAttention::forward(const Pass& pass, const Tensor& x, const Rows& rows, const ProjectedMemory& memory,
                               const Rows& memory_rows, std::span<const int32_t> of_query) const {
  ops::AttentionOptions options = options_for(pass, config_, name_, dropout_site_, noise_site_);
  options.of_query = of_query;
  options.additive = score_->additive(pass);
  kind_->adjust(pass, rows, options);
  Tensor q = query_.forward(pass, x, rows);
  if (norm_.exists()) q = norm_.query(pass, q, rows);
  q = through(pass, query_point_, score_->query(pass, q, rows), rows);
  Tensor mixed;
  if (memory.states.defined() && !observer(pass)) {
    mixed = kind_->recurrence()->read(pass, q, memory.states, rows, of_query);
  } else if (memory.side_by_side.defined() && !observer(pass)) {
    mixed = ops::cross_attention(q, memory.side_by_side, rows, memory_rows, options);
  } else {
    const Tensor& both = memory.side_by_side;
    const int64_t inner = config_.of_head() * config_.of_keys();
    const Tensor k = both.defined() ? ops::columns(both, 0, inner, memory_rows) : memory.key;
    const Tensor v = both.defined() ? ops::columns(both, inner, 2 * inner, memory_rows) : memory.value;
    mixed = kind_->mix(pass, q, through(pass, key_point_, k, memory_rows), through(pass, value_point_, v, memory_rows),
                       rows, memory_rows, options);
  }
  mixed = head_dropout_.after(pass, mixed, rows);
  return output_.product(pass, through(pass, output_point_, mixed, rows), rows);
}

}  // namespace heddle::nn
