#pragma once
// Curves over one axis, as SVG. Points that are not finite (or beyond 1e100, where their differences would not be), or
// not positive on a logarithmic axis, are left out; long series are thinned to their extremes, so that no peak is lost.

#include <string>
#include <vector>

namespace heddle::report {

struct Series {
  std::string name;
  std::vector<double> x, y;
  // The interval around each y, drawn as a band; empty: none. Where it is not finite there is none either.
  std::vector<double> low = {}, high = {};
};

struct ChartStyle {
  bool log_x = false, log_y = false;
  double width = 720, height = 360;
  bool show_title = true;  // else for screen readers alone, where the page says it beside the drawing
};

std::string line_chart(const std::string& title, const std::string& x_label, const std::string& y_label,
                       const std::vector<Series>& series, const ChartStyle& style = {});

}  // namespace heddle::report
