#include "heddle/nn/position/transformer_xl.h"

#include <algorithm>
#include <cmath>

#include "heddle/ops/product.h"

namespace heddle::nn::positions {
namespace {

// Sines in the first half of the columns, cosines in the second.
void fill_with_sinusoids(int64_t reach, const Tensor& table) {
  const int64_t width = table.width(), half = width / 2;
  for (int64_t d = -reach; d <= reach; ++d)
    for (int64_t i = 0; i < half; ++i) {
      const double angle =
          static_cast<double>(-d) * std::pow(10000.0, -2 * static_cast<double>(i) / static_cast<double>(width));
      table.data<double>()[(d + reach) * width + i] = std::sin(angle);
      table.data<double>()[(d + reach) * width + half + i] = std::cos(angle);
    }
}

}  // namespace

TransformerXl::TransformerXl(const Place& place, const PositionConfig& config)
    : reach_(config.max_length - 1),
      causal_(config.causal),
      f32_(Tensor::zeros({2 * reach_ + 1, config.width}, DType::f32)),
      f64_(Tensor::zeros({2 * reach_ + 1, config.width}, DType::f64)),
      projection_(place.parameters.declare({.name = place.name + ".projection",
                                            .role = "position",
                                            .shape = {config.heads * config.head_width, config.width},
                                            .init = Init::xavier(),
                                            .layer = place.layer})),
      shift_(place.parameters.declare({.name = place.name + ".shift",
                                       .role = "position",
                                       .shape = {config.heads * config.head_width},
                                       .init = Init::zeros(),
                                       .layer = place.layer})),
      examples_(static_cast<size_t>(2 * reach_ + 1)) {
  fill_with_sinusoids(reach_, f64_);
  copy_into(f64_, f32_);
  for (int64_t d = 0; d <= 2 * reach_ + 1; ++d) offsets_.push_back(static_cast<int32_t>(d));
  for (int64_t d = 0; d <= 2 * reach_; ++d) positions_.push_back(static_cast<int32_t>(d));
}

ops::PositionTerm TransformerXl::term(const Pass& pass, const Rows& rows) const {
  // Distances reach from the last query back to the first key, and forward where that is allowed.
  int64_t last = 0;
  for (int32_t position : rows.position) last = std::max(last, int64_t{position});
  HEDDLE_CHECK(last <= reach_, "position {} is beyond the {} positions that were built", last, reach_ + 1);
  const int64_t high = causal_ ? 0 : last;
  const Tensor& sinusoids = pass.weights.dtype() == DType::f64 ? f64_ : f32_;
  const Tensor basis = sinusoids.row_range(reach_ - last, reach_ + high + 1);
  ops::PositionTerm term = {
      .kind = ops::PositionTerm::Kind::key, .shift = weight(shift_, pass).dense(), .low = -last, .high = high};
  if (pass.parameters.transforms(projection_).empty()) {
    term.basis = basis;
    term.factor = weight(projection_, pass).dense();
    term.table = ops::product(basis, term.factor, ops::Transposed::b, pass.compute);
    return term;
  }
  const auto size = static_cast<size_t>(last + high + 1);
  const Rows distances = {std::span(offsets_).first(size + 1), std::span(examples_).first(size),
                          std::span(positions_).first(size)};
  term.table = weight(projection_, pass).product(basis, {}, distances, {.compute = pass.compute});
  return term;
}

}  // namespace heddle::nn::positions
