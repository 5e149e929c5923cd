#include "heddle/nn/token_embedding.h"

#include <cmath>

namespace heddle::nn {

TokenEmbedding::TokenEmbedding(Parameters& parameters, const std::string& name, const EmbeddingConfig& config,
                               ParameterId table)
    : name_(name), config_(config), dropout_site_(site_id(name + ".dropout")), table_(table) {
  const double deviation = 1.0 / std::sqrt(static_cast<double>(config.width));
  if (table_ == kNoParameter)
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
  return ops::embed(ids, weight(table_, pass).dense(), config_.scale, position_->table(pass), rows,
                    pass.dropout(dropout_site_, config_.dropout));
}

}  // namespace heddle::nn
