#include "heddle/train/gradient_noise.h"

#include <algorithm>
#include <cmath>

namespace heddle::train {

double GradientNoise::fade() const { return std::max(1e-300, 1 - std::pow(memory_, static_cast<double>(steps_))); }

void GradientNoise::add(double part_norm_squared, double part_tokens, double whole_norm_squared, double whole_tokens) {
  if (part_tokens <= 0 || whole_tokens <= part_tokens) return;
  const double gradient =
      (whole_tokens * whole_norm_squared - part_tokens * part_norm_squared) / (whole_tokens - part_tokens);
  const double trace = (part_norm_squared - whole_norm_squared) / (1 / part_tokens - 1 / whole_tokens);
  gradient_ = memory_ * gradient_ + (1 - memory_) * gradient;
  trace_ = memory_ * trace_ + (1 - memory_) * trace;
  ++steps_;
}

std::optional<double> GradientNoise::scale() const {
  if (steps_ == 0 || gradient_ <= 0 || trace_ <= 0) return std::nullopt;
  return trace_ / gradient_;
}

}  // namespace heddle::train
