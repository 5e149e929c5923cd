#pragma once
// How hypotheses of different length are compared (Wu et al. 2016, "Google's Neural Machine Translation
// System", section 7):
//
//   score = log p / lp(length) + beta · sum over source positions i of log min(attended_i, 1)
//   lp(n) = ((5 + n) / 6)^alpha,  or n (average),  or 1 (none)

#include <cstdint>
#include <span>

namespace heddle::decode {

enum class LengthPenalty : uint8_t {
  none,     // 1
  average,  // length
  wu,       // ((5 + length) / 6)^alpha
};

struct HypothesisScore {
  LengthPenalty length_penalty = LengthPenalty::wu;
  double alpha = 0.6;
  double coverage = 0;  // beta

  // attended: attention over source positions, summed over the tokens produced; empty without coverage.
  double operator()(double log_probability, int64_t length, std::span<const double> attended = {}) const;
  // The best that a hypothesis can still score with any length in [shortest, longest]: its
  // log-probability can only fall, and coverage can at best become 0.
  double bound(double log_probability, int64_t shortest, int64_t longest) const;
};

}  // namespace heddle::decode
