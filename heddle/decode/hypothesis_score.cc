#include "heddle/decode/hypothesis_score.h"

#include <algorithm>
#include <cmath>

namespace heddle::decode {
namespace {

// Attention that never reached a position costs log of this, not infinity.
constexpr double kLeastAttended = 1e-9;

double length_divisor(const HypothesisScore& kind, int64_t length) {
  const auto n = static_cast<double>(length);
  switch (kind.length_penalty) {
    case LengthPenalty::none: return 1.0;
    case LengthPenalty::average: return std::max(n, 1.0);
    case LengthPenalty::wu: return std::pow((5.0 + n) / 6.0, kind.alpha);
  }
  return 1.0;
}

}  // namespace

double HypothesisScore::operator()(double log_probability, int64_t length, std::span<const double> attended) const {
  double covered = 0;
  for (double weight : attended) covered += std::log(std::clamp(weight, kLeastAttended, 1.0));
  return log_probability / length_divisor(*this, length) + coverage * covered;
}

double HypothesisScore::bound(double log_probability, int64_t shortest, int64_t longest) const {
  // The divisor is monotone in the length (rising, or falling for a negative alpha).
  return log_probability / std::max(length_divisor(*this, shortest), length_divisor(*this, longest));
}

}  // namespace heddle::decode
