#include "heddle/report/axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace heddle::report {
namespace {

constexpr double kLargest = 1e100;
constexpr size_t kMostTicks = 12, kFewValues = 8;

// The multiples of a step of 1, 2 or 5 times a power of ten that cuts the range into about five.
std::vector<double> round_values(double low, double high) {
  const double rough = (high - low) / 5, power = std::pow(10, std::floor(std::log10(rough)));
  const double part = rough / power, step = power * (part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10);
  std::vector<double> values;
  for (double i = std::ceil(low / step); i * step <= high && values.size() < kMostTicks; ++i)
    values.push_back(i == 0 ? 0.0 : i * step);  // never "-0"
  return values;
}

// Powers of ten, fewer where there are many; 1, 2 and 5 times them where there are hardly any.
std::vector<double> round_powers(double low, double high) {
  const double slack = 1e-9 * std::max(1.0, high - low), first = std::ceil(low - slack),
               last = std::floor(high + slack);
  std::vector<double> values;
  if (last - first >= 2) {
    const double step = std::ceil((last - first) / 8);
    for (double power = first; power <= last; power += step) values.push_back(std::pow(10, power));
    return values;
  }
  for (double power = std::floor(low); power <= high; ++power)
    for (const double digit : {1, 2, 5})
      if (const double at = power + std::log10(digit); at >= low - slack && at <= high + slack)
        values.push_back(digit * std::pow(10, power));
  return values.size() >= 2 ? values : round_values(std::pow(10, low), std::pow(10, high));
}

}  // namespace

bool Axis::shows(double value) const {
  return std::abs(value) <= kLargest && (!logarithmic_ || value >= 1 / kLargest);  // false for NaN
}

double Axis::scaled(double value) const { return logarithmic_ ? std::log10(std::max(value, 1 / kLargest)) : value; }

void Axis::add(double value) {
  low_ = std::min(low_, scaled(value));
  high_ = std::max(high_, scaled(value));
  if (values_.size() <= kFewValues && std::ranges::find(values_, value) == values_.end()) values_.push_back(value);
}

void Axis::place(double from, double to) {
  from_ = from;
  to_ = to;
  if (!(low_ <= high_)) {
    low_ = 0;
    high_ = 1;
  }
  // Narrower than this, grid lines would fall on each other.
  const double size = std::max(std::abs(low_), std::abs(high_));
  if (high_ - low_ <= std::max(1e-9 * size, 1e-100)) {
    const double margin = std::max(logarithmic_ ? 0.2 : 0.5, 1e-9 * size);
    low_ -= margin;
    high_ += margin;
  }
}

double Axis::position(double value) const {
  return from_ + std::clamp((scaled(value) - low_) / (high_ - low_), 0.0, 1.0) * (to_ - from_);
}

std::vector<Tick> Axis::ticks() const {
  const bool few = logarithmic_ && values_.size() >= 2 && values_.size() <= kFewValues;
  std::vector<double> values = few ? values_ : logarithmic_ ? round_powers(low_, high_) : round_values(low_, high_);
  std::ranges::sort(values);
  std::vector<Tick> ticks;
  for (const double value : values) ticks.push_back({value, fmt::format("{:.6g}", value)});
  return ticks;
}

}  // namespace heddle::report
