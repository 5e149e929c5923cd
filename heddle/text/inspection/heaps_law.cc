#include "heddle/text/inspection/heaps_law.h"

#include <algorithm>
#include <cmath>

namespace heddle::text {
namespace {

constexpr double kRatio = 1.25;       // of n from point to point
constexpr int64_t kFirstFitted = 10;  // before it nearly every word is new
constexpr size_t kFewestFitted = 3;

}  // namespace

double HeapsLaw::at(double n) const { return k * std::pow(n, beta); }

void GrowthCurve::keep_last() {
  kept_.push_back(last_);
  next_ = std::max(last_.seen + 1, static_cast<int64_t>(std::ceil(static_cast<double>(last_.seen) * kRatio)));
}

std::vector<GrowthCurve::Point> GrowthCurve::points() const {
  std::vector<Point> points = kept_;
  if (last_.seen > 0 && (points.empty() || points.back().seen < last_.seen)) points.push_back(last_);
  return points;
}

HeapsLaw GrowthCurve::fitted() const {
  std::vector<std::pair<double, double>> logs;
  for (const Point& point : points())
    if (point.seen >= kFirstFitted)
      logs.emplace_back(std::log(static_cast<double>(point.seen)), std::log(static_cast<double>(point.distinct)));
  if (logs.size() < kFewestFitted) return {};
  const auto count = static_cast<double>(logs.size());
  double mean_x = 0, mean_y = 0, xx = 0, xy = 0, yy = 0;
  for (const auto& [x, y] : logs) {
    mean_x += x / count;
    mean_y += y / count;
  }
  for (const auto& [x, y] : logs) {
    xx += (x - mean_x) * (x - mean_x);
    xy += (x - mean_x) * (y - mean_y);
    yy += (y - mean_y) * (y - mean_y);
  }
  const double beta = xy / xx;
  return {std::exp(mean_y - beta * mean_x), beta, yy > 0 ? xy * xy / (xx * yy) : 1};
}

}  // namespace heddle::text
