#include "heddle/nn/multi_head_attention.h"

#include "heddle/ops/columns.h"

namespace heddle::nn {
namespace {

Tensor through(const Pass& pass, const std::string& point, const Tensor& value, const Rows& rows) {
  return pass.probe ? pass.probe->at(point, value, rows) : value;
}

ops::AttentionOptions options_for(const Pass& pass, const AttentionConfig& config, const std::string& name,
                                  uint64_t dropout_site) {
  return {.heads = config.heads,
          .scale = config.scale(),
          .dropout = pass.dropout(dropout_site, config.dropout),
          .mask = config.mask,
          .probe = pass.probe ? pass.probe->attention(name) : nullptr};
}

}  // namespace

SelfAttention::SelfAttention(Parameters& parameters, const std::string& name, int layer, const AttentionConfig& config)
    : name_(name),
      config_(config),
      dropout_site_(site_id(name + ".weights")),
      qkv_(Linear::declare(parameters, name + ".qkv", "attention", layer, config.width, 3 * config.inner(), 1.0,
                           config.inner())),
      output_(Linear::declare(parameters, name + ".output", "attention", layer, config.inner(), config.width)),
      query_point_(name + ".query"),
      key_point_(name + ".key"),
      value_point_(name + ".value"),
      output_point_(name + ".output") {}

Tensor SelfAttention::forward(const Pass& pass, const Tensor& x, const Rows& rows, const kernels::Mask& mask) const {
  ops::AttentionOptions options = options_for(pass, config_, name_, dropout_site_);
  options.mask = mask;
  const Tensor qkv = qkv_.forward(pass, x, rows);
  Tensor mixed;
  if (pass.probe) {
    const auto [q, k, v] = observed(pass, qkv, rows);
    mixed = ops::attention(q, k, v, rows, rows, options);
    mixed = pass.probe->at(output_point_, mixed, rows);
  } else {
    mixed = ops::self_attention(qkv, rows, options);
  }
  return output_.product(pass, mixed, rows);
}

// The three parts of the fused projection, through their named points.
QueryKeyValue SelfAttention::observed(const Pass& pass, const Tensor& qkv, const Rows& rows) const {
  const int64_t inner = config_.inner();
  return {pass.probe->at(query_point_, ops::columns(qkv, 0, inner, rows), rows),
          pass.probe->at(key_point_, ops::columns(qkv, inner, 2 * inner, rows), rows),
          pass.probe->at(value_point_, ops::columns(qkv, 2 * inner, 3 * inner, rows), rows)};
}

QueryKeyValue SelfAttention::project(const Pass& pass, const Tensor& x, const Rows& rows) const {
  const Tensor qkv = qkv_.forward(pass, x, rows);
  if (pass.probe) return observed(pass, qkv, rows);
  const int64_t inner = config_.inner();
  return {qkv.column_range(0, inner), qkv.column_range(inner, 2 * inner), qkv.column_range(2 * inner, 3 * inner)};
}

Tensor SelfAttention::attend_cached(const Pass& pass, const Tensor& query, const ops::CachedKeys& cache,
                                    const Rows& rows) const {
  const ops::AttentionOptions options = options_for(pass, config_, name_, dropout_site_);
  const Tensor mixed = ops::cached_attention(query, cache, rows, options);
  return output_.product(pass, through(pass, output_point_, mixed, rows), rows);
}

CrossAttention::CrossAttention(Parameters& parameters, const std::string& name, int layer,
                               const AttentionConfig& config)
    : name_(name),
      config_(config),
      dropout_site_(site_id(name + ".weights")),
      query_(Linear::declare(parameters, name + ".query", "attention", layer, config.width, config.inner())),
      key_value_(Linear::declare(parameters, name + ".key_value", "attention", layer, config.width, 2 * config.inner(),
                                 1.0, config.inner())),
      output_(Linear::declare(parameters, name + ".output", "attention", layer, config.inner(), config.width)),
      query_point_(name + ".query"),
      key_point_(name + ".key"),
      value_point_(name + ".value"),
      output_point_(name + ".output") {}

Tensor CrossAttention::project_memory(const Pass& pass, const Tensor& memory, const Rows& memory_rows) const {
  return key_value_.forward(pass, memory, memory_rows);
}

Tensor CrossAttention::forward(const Pass& pass, const Tensor& x, const Rows& rows, const Tensor& projected_memory,
                               const Rows& memory_rows, std::span<const int32_t> of_query) const {
  ops::AttentionOptions options = options_for(pass, config_, name_, dropout_site_);
  options.of_query = of_query;
  const int64_t inner = config_.inner();
  const Tensor q = through(pass, query_point_, query_.forward(pass, x, rows), rows);
  Tensor mixed;
  if (pass.probe) {
    const Tensor k = pass.probe->at(key_point_, ops::columns(projected_memory, 0, inner, memory_rows), memory_rows);
    const Tensor v =
        pass.probe->at(value_point_, ops::columns(projected_memory, inner, 2 * inner, memory_rows), memory_rows);
    mixed = ops::attention(q, k, v, rows, memory_rows, options);
    mixed = pass.probe->at(output_point_, mixed, rows);
  } else {
    mixed = ops::cross_attention(q, projected_memory, rows, memory_rows, options);
  }
  return output_.product(pass, mixed, rows);
}

}  // namespace heddle::nn
