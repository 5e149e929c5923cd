#pragma once
// Straight lines through measured points, by least squares.

#include <cmath>
#include <vector>

#include "heddle/base/error.h"

namespace heddle::lab {

struct Line {
  double slope = 0, intercept = 0;
};

// At least two different x.
inline Line straight_line(const std::vector<double>& x, const std::vector<double>& y) {
  HEDDLE_CHECK(x.size() == y.size() && x.size() >= 2, "a line needs at least two points, got {} and {} coordinates",
               x.size(), y.size());
  double mean_x = 0, mean_y = 0, xx = 0, xy = 0;
  const auto n = static_cast<double>(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    mean_x += x[i] / n;
    mean_y += y[i] / n;
  }
  for (size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
  }
  return {xy / xx, mean_y - xy / xx * mean_x};
}

struct PowerLaw {
  double exponent = 0, factor = 1;
};

// y = factor · x^exponent through positive points.
inline PowerLaw power_law(const std::vector<double>& x, const std::vector<double>& y) {
  std::vector<double> log_x, log_y;
  for (const double value : x) log_x.push_back(std::log(value));
  for (const double value : y) log_y.push_back(std::log(value));
  const Line line = straight_line(log_x, log_y);
  return {line.slope, std::exp(line.intercept)};
}

}  // namespace heddle::lab
