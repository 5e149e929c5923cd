#include "heddle/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace heddle::train {

double Schedule::rate(int64_t step) const {
  const auto at = static_cast<double>(step), warm = static_cast<double>(warmup);
  if (step < warmup) return peak * at / warm;
  if (kind == "inverse_sqrt") return peak * std::sqrt(std::max(1.0, warm) / at);
  if (kind == "constant") return peak;
  const double span = std::max(1.0, static_cast<double>(last_step - warmup));
  const double done = std::clamp((at - warm) / span, 0.0, 1.0);
  const double left = kind == "cosine" ? 0.5 * (1 + std::cos(std::numbers::pi * done)) : 1 - done;
  return peak * (floor + (1 - floor) * left);
}

}  // namespace heddle::train
