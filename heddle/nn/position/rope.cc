#include "heddle/nn/position/rope.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace heddle::nn::positions {
namespace {

double trained_length(const PositionConfig& config) {
  return config.rope.length ? static_cast<double>(config.rope.length)
                            : static_cast<double>(config.max_length) / config.rope.factor;
}

// The pair, as a real number, that turns `turns` times over the trained length.
double pair_of(double turns, const PositionConfig& config) {
  const double width = static_cast<double>(config.head_width);
  return width * std::log(trained_length(config) / (turns * 2 * std::numbers::pi)) / (2 * std::log(config.rope.base));
}

// The share of each pair's rate that YaRN slows: 0 for fast pairs, 1 for slow ones.
double slowed_share(int64_t pair, const PositionConfig& config) {
  constexpr double kFast = 32, kSlow = 1;
  const double low = std::max(std::floor(pair_of(kFast, config)), 0.0);
  const double high = std::min(std::ceil(pair_of(kSlow, config)), static_cast<double>(config.head_width - 1));
  return std::clamp((static_cast<double>(pair) - low) / std::max(high - low, 1e-3), 0.0, 1.0);
}

}  // namespace

std::vector<double> Rope::rates(const PositionConfig& config) {
  const auto width = static_cast<double>(config.head_width);
  const RopeScaling& rope = config.rope;
  double base = rope.base;
  if (rope.kind == "ntk") base *= std::pow(rope.factor, config.head_width > 2 ? width / (width - 2) : 1.0);
  std::vector<double> rates;
  for (int64_t i = 0; i < config.head_width / 2; ++i) {
    double rate = std::pow(base, -2 * static_cast<double>(i) / width);
    if (rope.kind == "linear") rate /= rope.factor;
    if (rope.kind == "yarn") {
      const double slowed = slowed_share(i, config);
      rate = rate * (1 - slowed) + rate / rope.factor * slowed;
    }
    rates.push_back(rate);
  }
  return rates;
}

double Rope::growth(const PositionConfig& config) {
  return config.rope.kind == "yarn" && config.rope.factor > 1 ? 0.1 * std::log(config.rope.factor) + 1 : 1.0;
}

Rope::Rope(const Place&, const PositionConfig& config) {
  const std::vector<double> rate = rates(config);
  const double size = growth(config);
  const Shape shape = {config.max_length, config.head_width / 2};
  f64_ = {Tensor::zeros(shape, DType::f64), Tensor::zeros(shape, DType::f64)};
  f32_ = {Tensor::zeros(shape, DType::f32), Tensor::zeros(shape, DType::f32)};
  for (int64_t p = 0; p < shape[0]; ++p)
    for (int64_t i = 0; i < shape[1]; ++i) {
      const double angle = static_cast<double>(p) * rate[static_cast<size_t>(i)];
      f64_.cosine.data<double>()[p * shape[1] + i] = size * std::cos(angle);
      f64_.sine.data<double>()[p * shape[1] + i] = size * std::sin(angle);
    }
  copy_into(f64_.cosine, f32_.cosine);
  copy_into(f64_.sine, f32_.sine);
}

}  // namespace heddle::nn::positions
