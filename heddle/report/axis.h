#pragma once
// One axis of a chart: which range it shows, linear or logarithmic, where a value lies on it, and its ticks.

#include <limits>
#include <string>
#include <vector>

namespace heddle::report {

struct Tick {
  double value;
  std::string label;
};

class Axis {
 public:
  explicit Axis(bool logarithmic) : logarithmic_(logarithmic) {}

  // False for what the axis cannot show: not finite, beyond 1e100, or not positive on a logarithmic axis.
  bool shows(double value) const;
  // Widens the range to a value that it shows.
  void add(double value);
  // After the last add(): never empty, so that a single point or none can be drawn. Then the ends in px.
  void place(double from, double to);

  // Where a value lies, in px; beyond the range at its end.
  double position(double value) const;
  // A dozen at most: 1, 2, 5 times a power of ten; on a logarithmic axis the values themselves if they are few.
  std::vector<Tick> ticks() const;

 private:
  double scaled(double value) const;  // value or its decimal logarithm

  bool logarithmic_;
  double low_ = std::numeric_limits<double>::infinity(), high_ = -low_;  // scaled
  double from_ = 0, to_ = 1;
  std::vector<double> values_;  // different ones, as long as they are few
};

}  // namespace heddle::report
