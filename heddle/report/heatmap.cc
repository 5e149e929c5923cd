#include "heddle/report/heatmap.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "heddle/report/svg.h"

namespace heddle::report {
namespace {

constexpr double kCell = 26, kTitle = 30, kLongestLabel = 220;
constexpr double kSlope = 60;  // degrees of the columns' labels

double widest(const std::vector<std::string>& labels) {
  double width = 24;
  for (const std::string& label : labels) width = std::max(width, std::min(text_width(label), kLongestLabel));
  return width;
}

// White to dark blue.
std::string colour_of(double value) {
  const auto mix = [&](double from, double to) { return static_cast<int>(from + (to - from) * value); };
  return fmt::format("#{:02x}{:02x}{:02x}", mix(255, 16), mix(255, 60), mix(255, 120));
}

}  // namespace

std::string heatmap(const std::string& title, const std::vector<std::string>& row_labels,
                    const std::vector<std::string>& column_labels, const std::vector<std::vector<double>>& values,
                    bool show_title) {
  constexpr double kAlong = 0.5, kUp = 0.866;  // cosine and sine of the slope
  const double left = widest(row_labels) + 12, top = (show_title ? kTitle : 0) + kUp * widest(column_labels) + 14;
  const double width = left + kCell * static_cast<double>(column_labels.size()) + kAlong * widest(column_labels) + 8;
  const double height = top + kCell * static_cast<double>(row_labels.size()) + 10;
  Svg svg(std::max(width, 320.0), height, title);
  if (show_title) svg.text(10, 18, shortened(title, std::max(width, 320.0) - 20));
  for (size_t c = 0; c < column_labels.size(); ++c)
    svg.text(left + kCell * (static_cast<double>(c) + 0.6), top - 6, shortened(column_labels[c], kLongestLabel),
             "start", -kSlope);
  for (size_t r = 0; r < row_labels.size(); ++r) {
    const double y = top + kCell * static_cast<double>(r);
    svg.text(left - 6, y + kCell * 0.65, shortened(row_labels[r], kLongestLabel), "end");
    for (size_t c = 0; c < column_labels.size() && r < values.size() && c < values[r].size(); ++c) {
      const double value = std::isfinite(values[r][c]) ? std::clamp(values[r][c], 0.0, 1.0) : 0.0;
      svg.rectangle(left + kCell * static_cast<double>(c), y, kCell - 1, kCell - 1, colour_of(value),
                    fmt::format("{} → {}: {:.3f}", row_labels[r], column_labels[c], value));
    }
  }
  return svg.finish();
}

}  // namespace heddle::report
