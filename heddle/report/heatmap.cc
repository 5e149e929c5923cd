#include "heddle/report/heatmap.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "heddle/report/svg.h"

namespace heddle::report {
namespace {

constexpr double kCell = 26, kLabels = 110, kTitle = 30;

// White to dark blue.
std::string colour_of(double value) {
  const auto mix = [&](double from, double to) { return static_cast<int>(from + (to - from) * value); };
  return fmt::format("#{:02x}{:02x}{:02x}", mix(255, 16), mix(255, 60), mix(255, 120));
}

}  // namespace

std::string heatmap(const std::string& title, const std::vector<std::string>& row_labels,
                    const std::vector<std::string>& column_labels, const std::vector<std::vector<double>>& values) {
  const double width = kLabels + kCell * static_cast<double>(column_labels.size()) + 20;
  const double height = kTitle + kLabels + kCell * static_cast<double>(row_labels.size()) + 10;
  Svg svg(std::max(width, 320.0), height, title);
  svg.text(10, 18, title);
  for (size_t c = 0; c < column_labels.size(); ++c)
    svg.text(kLabels + kCell * (static_cast<double>(c) + 0.6), kTitle + kLabels - 6, column_labels[c], "start", -60);
  for (size_t r = 0; r < row_labels.size(); ++r) {
    const double y = kTitle + kLabels + kCell * static_cast<double>(r);
    svg.text(kLabels - 6, y + kCell * 0.65, row_labels[r], "end");
    for (size_t c = 0; c < column_labels.size() && r < values.size() && c < values[r].size(); ++c) {
      const double value = std::isfinite(values[r][c]) ? std::clamp(values[r][c], 0.0, 1.0) : 0.0;
      svg.rectangle(kLabels + kCell * static_cast<double>(c), y, kCell - 1, kCell - 1, colour_of(value),
                    fmt::format("{} → {}: {:.3f}", row_labels[r], column_labels[c], value));
    }
  }
  return svg.finish();
}

}  // namespace heddle::report
