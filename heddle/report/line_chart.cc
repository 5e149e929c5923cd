#include "heddle/report/line_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "heddle/report/svg.h"

namespace heddle::report {
namespace {

constexpr double kWidth = 720, kHeight = 360, kLeft = 64, kRight = 16, kTop = 34, kBottom = 46;
constexpr const char* kColours[] = {"#1f5fa8", "#c2491d", "#3a7d34", "#7b4aa0", "#8a6d00"};
constexpr size_t kMostPoints = 1000;
constexpr double kLargest = 1e100;

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  // Never empty, so that a single point or none can be drawn.
  void open() {
    if (!(low <= high)) *this = {0, 1};
    // Narrower than this, grid lines would fall on each other.
    const double size = std::max(std::abs(low), std::abs(high));
    if (high - low <= std::max(1e-9 * size, 1e-100)) {
      const double margin = std::max(0.5, 1e-9 * size);
      low -= margin;
      high += margin;
    }
  }
};

// A step of 1, 2 or 5 times a power of ten that cuts the range into about five.
double nice_step(const Range& range) {
  const double rough = (range.high - range.low) / 5, power = std::pow(10, std::floor(std::log10(rough)));
  const double part = rough / power;
  return power * (part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10);
}

// The multiples of a nice step within the range, at most a dozen.
std::vector<double> grid(const Range& range) {
  const double step = nice_step(range);
  std::vector<double> lines;
  for (double i = std::ceil(range.low / step); i * step <= range.high && lines.size() < 12; ++i)
    lines.push_back(i == 0 ? 0.0 : i * step);  // never "-0"
  return lines;
}

Series finite_points(const Series& series) {
  Series kept{series.name, {}, {}};
  for (size_t i = 0; i < std::min(series.x.size(), series.y.size()); ++i)
    if (std::abs(series.x[i]) <= kLargest && std::abs(series.y[i]) <= kLargest) {  // false for NaN
      kept.x.push_back(series.x[i]);
      kept.y.push_back(series.y[i]);
    }
  if (kept.x.size() <= 2 * kMostPoints) return kept;
  Series thin{series.name, {}, {}};
  for (size_t block = 0; block < kMostPoints; ++block) {
    const size_t begin = kept.x.size() * block / kMostPoints, end = kept.x.size() * (block + 1) / kMostPoints;
    const auto [low, high] = std::minmax_element(kept.y.begin() + static_cast<long>(begin), kept.y.begin() + static_cast<long>(end));
    for (const auto point : {std::min(low, high), std::max(low, high)}) {
      thin.x.push_back(kept.x[static_cast<size_t>(point - kept.y.begin())]);
      thin.y.push_back(*point);
    }
  }
  return thin;
}

}  // namespace

std::string line_chart(const std::string& title, const std::string& x_label, const std::string& y_label,
                       const std::vector<Series>& series) {
  std::vector<Series> points;
  Range x, y;
  for (const Series& one : series) {
    points.push_back(finite_points(one));
    for (double value : points.back().x) x.add(value);
    for (double value : points.back().y) y.add(value);
  }
  x.open();
  y.open();
  const auto px = [&](double value) { return kLeft + (value - x.low) / (x.high - x.low) * (kWidth - kLeft - kRight); };
  const auto py = [&](double value) { return kHeight - kBottom - (value - y.low) / (y.high - y.low) * (kHeight - kTop - kBottom); };
  Svg svg(kWidth, kHeight, title);
  svg.text(kWidth / 2, 18, title, "middle");
  for (double at : grid(x)) {
    svg.line(px(at), kTop, px(at), kHeight - kBottom, "#e4e4e4");
    svg.text(px(at), kHeight - kBottom + 16, fmt::format("{:.6g}", at), "middle");
  }
  for (double at : grid(y)) {
    svg.line(kLeft, py(at), kWidth - kRight, py(at), "#e4e4e4");
    svg.text(kLeft - 6, py(at) + 4, fmt::format("{:.6g}", at), "end");
  }
  svg.line(kLeft, kHeight - kBottom, kWidth - kRight, kHeight - kBottom, "#444");
  svg.line(kLeft, kTop, kLeft, kHeight - kBottom, "#444");
  svg.text(kWidth / 2, kHeight - 8, x_label, "middle");
  svg.text(16, kHeight / 2, y_label, "middle", -90);
  for (size_t s = 0; s < points.size(); ++s) {
    const char* colour = kColours[s % std::size(kColours)];
    std::string path;
    for (size_t i = 0; i < points[s].x.size(); ++i) path += fmt::format("{:.1f},{:.1f} ", px(points[s].x[i]), py(points[s].y[i]));
    svg.polyline(path, colour);
    svg.rectangle(kWidth - 150, kTop + 6 + 16 * static_cast<double>(s), 10, 10, colour);
    svg.text(kWidth - 134, kTop + 15 + 16 * static_cast<double>(s), points[s].name);
  }
  return svg.finish();
}

}  // namespace heddle::report
