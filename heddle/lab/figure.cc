#include "heddle/lab/figure.h"

#include <array>
#include <cmath>
#include <limits>

namespace heddle::lab {
namespace {

// Student's t, the 97.5 % point, by degrees of freedom from 1.
constexpr std::array<double, 30> kStudent = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
                                             2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
                                             2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042};

}  // namespace

Interval interval_of(const std::vector<double>& values) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const size_t n = values.size();
  if (n == 0) return {std::nan(""), -infinity, infinity};
  double mean = 0;
  for (const double value : values) mean += value / static_cast<double>(n);
  if (n == 1 || !std::isfinite(mean)) return {mean, -infinity, infinity};
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const double student = n - 2 < kStudent.size() ? kStudent[n - 2] : 1.96;
  const double half = student * std::sqrt(squares / static_cast<double>(n - 1) / static_cast<double>(n));
  return {mean, mean - half, mean + half};
}

}  // namespace heddle::lab
