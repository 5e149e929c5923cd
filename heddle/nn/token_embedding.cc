#include "heddle/nn/token_embedding.h"

#include <cmath>

#include "heddle/kernels/sinusoidal.h"

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
  if (config.position == PositionKind::learned)
    learned_positions_ = parameters.declare({.name = name + ".positions.weight",
                                             .role = "position",
                                             .shape = {config.max_length, config.width},
                                             .init = Init::normal(deviation)});
  if (config.position == PositionKind::sinusoidal) {
    fixed_f32_ = Tensor::zeros({config.max_length, config.width}, DType::f32);
    fixed_f64_ = Tensor::zeros({config.max_length, config.width}, DType::f64);
    kernels::sinusoidal_positions(config.max_length, config.width, fixed_f64_.data<double>());
    copy_into(fixed_f64_, fixed_f32_);
  }
}

Tensor TokenEmbedding::forward(const Pass& pass, std::span<const int32_t> ids, const Rows& rows) const {
  for (int32_t position : rows.position)
    if (position >= config_.max_length)
      fail_input(
          "a sequence reaches position {}, but {} was built for at most {} tokens; shorten the "
          "input or train with a larger model.max_length",
          position, name_, config_.max_length);
  Tensor positions;
  if (config_.position == PositionKind::learned) positions = weight(learned_positions_, pass).dense();
  if (config_.position == PositionKind::sinusoidal)
    positions = pass.weights.dtype() == DType::f64 ? fixed_f64_ : fixed_f32_;
  return ops::embed(ids, weight(table_, pass).dense(), config_.scale, positions, rows,
                    pass.dropout(dropout_site_, config_.dropout));
}

}  // namespace heddle::nn
