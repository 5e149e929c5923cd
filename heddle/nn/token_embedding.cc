#include "heddle/nn/token_embedding.h"

#include <cmath>

#include "heddle/ops/linear.h"
#include "heddle/ops/residual_norm.h"

namespace heddle::nn {

TokenEmbedding::TokenEmbedding(Parameters& parameters, const std::string& name, const EmbeddingConfig& config,
                               ParameterId table)
    : name_(name), config_(config), dropout_(name + ".dropout", config.dropout), table_(table) {
  const double deviation = 1.0 / std::sqrt(static_cast<double>(config.width));
  if (!config.is_table()) make_sources(parameters);
  else if (table_ == kNoParameter)
    table_ = parameters.declare({.name = name + ".weight",
                                 .role = "embedding",
                                 .shape = {config.vocab_size, config.width},
                                 .init = Init::normal(deviation)});
  position_ = positions::make({parameters, name + ".positions"},
                              {.kind = config.position, .width = config.width, .max_length = config.max_length});
}

Tensor TokenEmbedding::forward(const Pass& pass, std::span<const int32_t> ids, const Rows& rows) const {
  for (int32_t position : rows.position)
    if (position >= config_.max_length)
      fail_input(
          "a sequence reaches position {}, but {} was built for at most {} tokens; shorten the "
          "input or train with a larger model.max_length",
          position, name_, config_.max_length);
  const Tensor positions = position_->table(pass);
  const ops::DropoutSite dropout = dropout_.fused(pass);
  if (config_.is_table())
    return dropout_.after(pass, ops::embed(ids, weight(table_, pass).dense(), config_.scale, positions, rows, dropout),
                          rows);
  Tensor x = fused(pass, ids, rows);
  if (positions.defined())
    x = ops::residual_add(ops::embed(rows.position, positions, 1.0, {}, rows, {}), {}, x, rows, {});
  return dropout_.after(pass, dropout.active() ? ops::bias_activation(x, {}, rows, {.dropout = dropout}) : x, rows);
}

TiedOutput TokenEmbedding::tied_output() const {
  if (config_.is_table()) return {.table = table_};
  return sources_.size() == 1 ? sources_[0]->tied_output() : TiedOutput{};
}

void TokenEmbedding::learn_tokens(const TokenFacts& facts, WeightSet& weights) const {
  for (const auto& source : sources_) source->learn_tokens(facts, weights);
}

void TokenEmbedding::make_sources(Parameters& parameters) {
  for (size_t i = 0; i < config_.sources.size(); ++i)
    sources_.push_back(embeddings::find(config_.sources[i].kind)
                           .make({parameters, fmt::format("{}.source{}", name_, i)}, config_.sources[i]));
  if (sources_.size() > 1)
    fusion_ = embeddings::find_fusion(config_.fusion)
                  .make({parameters, name_ + ".fusion"}, {.kind = config_.fusion,
                                                          .width = config_.width,
                                                          .sources = std::ssize(sources_),
                                                          .domains = config_.domains});
}

Tensor TokenEmbedding::fused(const Pass& pass, std::span<const int32_t> ids, const Rows& rows) const {
  std::vector<Tensor> parts;
  for (size_t i = 0; i < sources_.size(); ++i)
    parts.push_back(sources_[i]->vectors(pass, ids, config_.scale * config_.sources[i].weight, rows));
  if (!fusion_) return parts[0];
  return fusion_->fuse(pass, parts, rows);
}

}  // namespace heddle::nn
