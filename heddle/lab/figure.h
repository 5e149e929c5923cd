#pragma once
// A measured number with its spread: one value for each seed.

#include <string>
#include <vector>

namespace heddle::lab {

struct Interval {
  double mean = 0, low = 0, high = 0;
};

// The mean and its 95 % confidence interval by Student's t. One value alone has no known spread: its interval is
// unbounded, so that no rule can be decided by it.
Interval interval_of(const std::vector<double>& values);

struct Figure {
  std::string name;            // "variance_slope"
  std::vector<double> values;  // by seed

  Interval interval() const { return interval_of(values); }
};

}  // namespace heddle::lab
