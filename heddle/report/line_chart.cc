#include "heddle/report/line_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ranges>

#include "heddle/report/axis.h"
#include "heddle/report/svg.h"

namespace heddle::report {
namespace {

constexpr const char* kColours[] = {"#1f5fa8", "#c2491d", "#3a7d34", "#7b4aa0", "#8a6d00"};
constexpr const char* kDashes[] = {"", "6 3", "2 3", "8 3 2 3"};  // after all colours are used once
constexpr const char* kGrid = "#e4e4e4";
constexpr size_t kMostPoints = 1000, kMostMarked = 40;
constexpr double kLine = 16, kBottom = 46, kRight = 16;

const char* colour_of(size_t series) { return kColours[series % std::size(kColours)]; }
const char* dashes_of(size_t series) { return kDashes[series / std::size(kColours) % std::size(kDashes)]; }

// The points that the axes can show; a point's interval is y itself where it is not known.
Series shown_points(const Series& series, const Axis& x, const Axis& y) {
  Series kept{series.name, {}, {}, {}, {}};
  const auto known = [&](const std::vector<double>& bounds, size_t i) {
    return i < bounds.size() && std::abs(bounds[i]) <= 1e100;
  };
  for (size_t i = 0; i < std::min(series.x.size(), series.y.size()); ++i) {
    if (!x.shows(series.x[i]) || !y.shows(series.y[i])) continue;
    const bool band = known(series.low, i) && known(series.high, i);
    kept.x.push_back(series.x[i]);
    kept.y.push_back(series.y[i]);
    kept.low.push_back(band ? series.low[i] : series.y[i]);
    kept.high.push_back(band ? series.high[i] : series.y[i]);
  }
  return kept;
}

// Of each block of points the lowest and the highest.
Series thinned(const Series& series) {
  if (series.x.size() <= 2 * kMostPoints) return series;
  Series thin{series.name, {}, {}, {}, {}};
  for (size_t block = 0; block < kMostPoints; ++block) {
    const auto begin = series.y.begin() + static_cast<long>(series.x.size() * block / kMostPoints);
    const auto end = series.y.begin() + static_cast<long>(series.x.size() * (block + 1) / kMostPoints);
    const auto [low, high] = std::minmax_element(begin, end);
    for (const auto point : {std::min(low, high), std::max(low, high)}) {
      const auto i = static_cast<size_t>(point - series.y.begin());
      thin.x.push_back(series.x[i]);
      thin.y.push_back(*point);
      thin.low.push_back(series.low[i]);
      thin.high.push_back(series.high[i]);
    }
  }
  return thin;
}

// The legend's rows: which series stand beside each other.
std::vector<std::vector<size_t>> legend_rows(const std::vector<Series>& series, double width) {
  std::vector<std::vector<size_t>> rows;
  double used = width;
  for (size_t s = 0; s < series.size(); ++s) {
    const double wanted = 34 + text_width(series[s].name);
    if (rows.empty() || used + wanted > width) {
      rows.emplace_back();
      used = 0;
    }
    rows.back().push_back(s);
    used += wanted;
  }
  return rows;
}

void draw_legend(Svg& svg, const std::vector<Series>& series, double left, double right, double y) {
  for (const auto& row : legend_rows(series, right - left)) {
    double x = left;
    for (const size_t s : row) {
      svg.polyline(fmt::format("{:.1f},{:.1f} {:.1f},{:.1f}", x, y - 4, x + 18, y - 4), colour_of(s), dashes_of(s));
      svg.circle(x + 9, y - 4, 3, colour_of(s));
      svg.text(x + 24, y, shortened(series[s].name, right - left - 24));
      x += 34 + text_width(series[s].name);
    }
    y += kLine;
  }
}

// Grid lines, and labels where they do not run into the one before.
void draw_x_ticks(Svg& svg, const Axis& x, double top, double bottom, double width) {
  double free_from = 0;
  for (const Tick& tick : x.ticks()) {
    const double at = x.position(tick.value), half = text_width(tick.label) / 2;
    svg.line(at, top, at, bottom, kGrid);
    const double middle = std::clamp(at, half, std::max(half, width - half));
    if (middle - half < free_from) continue;
    svg.text(middle, bottom + 16, tick.label, "middle");
    free_from = middle + half + 8;
  }
}

void draw_y_ticks(Svg& svg, const Axis& y, const std::vector<Tick>& ticks, double left, double right) {
  double free_below = 1e9;
  std::string before;
  for (const Tick& tick : ticks) {
    const double at = y.position(tick.value);
    svg.line(left, at, right, at, kGrid);
    if (at > free_below || tick.label == before) continue;
    svg.text(left - 6, at + 4, tick.label, "end");
    free_below = at - 15;
    before = tick.label;
  }
}

void draw_band(Svg& svg, const Series& series, const Axis& x, const Axis& y, const char* colour) {
  if (series.low == series.high) return;
  if (series.x.size() == 1) {
    const double at = x.position(series.x[0]);
    svg.line(at, y.position(series.low[0]), at, y.position(series.high[0]), colour, 1);
    return;
  }
  std::string outline;
  for (size_t i = 0; i < series.x.size(); ++i)
    outline += fmt::format("{:.1f},{:.1f} ", x.position(series.x[i]), y.position(series.high[i]));
  for (size_t i = series.x.size(); i-- > 0;)
    outline += fmt::format("{:.1f},{:.1f} ", x.position(series.x[i]), y.position(series.low[i]));
  svg.polygon(outline, colour, 0.18);
}

void draw_curve(Svg& svg, const Series& series, const Axis& x, const Axis& y, size_t number) {
  std::string path;
  for (size_t i = 0; i < series.x.size(); ++i)
    path += fmt::format("{:.1f},{:.1f} ", x.position(series.x[i]), y.position(series.y[i]));
  svg.polyline(path, colour_of(number), dashes_of(number));
  if (series.x.size() > kMostMarked) return;
  for (size_t i = 0; i < series.x.size(); ++i)
    svg.circle(x.position(series.x[i]), y.position(series.y[i]), 3, colour_of(number),
               fmt::format("{}: {:.4g}, {:.4g} ({:.4g} … {:.4g})", series.name, series.x[i], series.y[i], series.low[i],
                           series.high[i]));
}

}  // namespace

std::string line_chart(const std::string& title, const std::string& x_label, const std::string& y_label,
                       const std::vector<Series>& series, const ChartStyle& style) {
  Axis x(style.log_x), y(style.log_y);
  std::vector<Series> curves;
  for (const Series& one : series) {
    curves.push_back(thinned(shown_points(one, x, y)));
    for (const double value : curves.back().x) x.add(value);
    for (const auto* values : {&curves.back().y, &curves.back().low, &curves.back().high})
      for (const double value : *values)
        if (y.shows(value)) y.add(value);
  }
  const double right = style.width - kRight, bottom = style.height - kBottom, title_end = style.show_title ? 26 : 4;
  const double legend = kLine * static_cast<double>(legend_rows(curves, right - 10).size());
  const double top = title_end + legend + 8;
  y.place(bottom, top);
  const std::vector<Tick> y_ticks = y.ticks();
  double widest = 0;
  for (const Tick& tick : y_ticks) widest = std::max(widest, text_width(tick.label));
  const double left = 32 + widest;
  x.place(left, right);

  Svg svg(style.width, style.height, title);
  if (style.show_title) svg.text(style.width / 2, 18, shortened(title, style.width - 20), "middle");
  draw_legend(svg, curves, 10, right, title_end + 12);
  draw_x_ticks(svg, x, top, bottom, style.width);
  draw_y_ticks(svg, y, y_ticks, left, right);
  svg.line(left, bottom, right, bottom, "#444");
  svg.line(left, top, left, bottom, "#444");
  svg.text((left + right) / 2, style.height - 8, shortened(x_label, right - left), "middle");
  svg.text(16, (top + bottom) / 2, shortened(y_label, bottom - top), "middle", -90);
  for (size_t s = 0; s < curves.size(); ++s) draw_band(svg, curves[s], x, y, colour_of(s));
  for (size_t s = 0; s < curves.size(); ++s) draw_curve(svg, curves[s], x, y, s);
  return svg.finish();
}

}  // namespace heddle::report
