#pragma once
// A linear probe: what can be read from states by one linear map (Alain & Bengio 2017, "Understanding intermediate
// layers using linear classifier probes"), here fitted by ridge regression to the classes' indicators.

#include <cstdint>
#include <span>
#include <vector>

namespace heddle::inspect {

class LinearProbe {
 public:
  // states [n, width], row after row; classes [n] from 0. `ridge` is added to the diagonal of the normal equations.
  LinearProbe(std::span<const double> states, std::span<const int32_t> classes, double ridge = 1e-3);

  // The share of rows whose class has the largest output.
  double accuracy(std::span<const double> states, std::span<const int32_t> classes) const;

 private:
  size_t width_, classes_;
  std::vector<double> weights_;  // [width + 1, classes], the last row the bias
};

}  // namespace heddle::inspect
