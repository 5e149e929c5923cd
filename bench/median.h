#pragma once
// The middle of some measurements, which a few slow ones do not move.

#include <algorithm>
#include <vector>

namespace heddle {

// Of an even number the upper one of the middle two; at least one.
inline double median(std::vector<double> values) {
  std::ranges::nth_element(values, values.begin() + std::ssize(values) / 2);
  return values[values.size() / 2];
}

}  // namespace heddle
