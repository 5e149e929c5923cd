#pragma once
// Curves over one axis, as SVG. Points that are not finite (or beyond 1e100, where their differences would not be) are left out; long series are thinned to their
// extremes, so that no peak is lost.

#include <string>
#include <vector>

namespace heddle::report {

struct Series {
  std::string name;
  std::vector<double> x, y;
};

std::string line_chart(const std::string& title, const std::string& x_label, const std::string& y_label,
                       const std::vector<Series>& series);

}  // namespace heddle::report
