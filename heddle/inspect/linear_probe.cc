#include "heddle/inspect/linear_probe.h"

#include <algorithm>
#include <cmath>

#include "heddle/base/error.h"

namespace heddle::inspect {
namespace {

// a [n, n] x = b [n, m] for a positive definite a, by Gauss elimination; b becomes x.
void solve(std::vector<double>& a, std::vector<double>& b, size_t n, size_t m) {
  for (size_t p = 0; p < n; ++p)
    for (size_t r = 0; r < n; ++r) {
      if (r == p) continue;
      const double factor = a[r * n + p] / a[p * n + p];
      for (size_t c = p; c < n; ++c) a[r * n + c] -= factor * a[p * n + c];
      for (size_t c = 0; c < m; ++c) b[r * m + c] -= factor * b[p * m + c];
    }
  for (size_t r = 0; r < n; ++r)
    for (size_t c = 0; c < m; ++c) b[r * m + c] /= a[r * n + r];
}

}  // namespace

LinearProbe::LinearProbe(std::span<const double> states, std::span<const int32_t> classes, double ridge) {
  HEDDLE_CHECK(!classes.empty() && states.size() % classes.size() == 0, "{} numbers are no states of {} rows",
               states.size(), classes.size());
  width_ = states.size() / classes.size();
  classes_ = static_cast<size_t>(*std::ranges::max_element(classes)) + 1;
  const size_t n = width_ + 1;
  std::vector<double> products(n * n), row(n, 1);
  weights_.assign(n * classes_, 0);
  for (size_t i = 0; i < classes.size(); ++i) {
    std::ranges::copy(states.subspan(i * width_, width_), row.begin());
    for (size_t r = 0; r < n; ++r) {
      for (size_t c = 0; c < n; ++c) products[r * n + c] += row[r] * row[c];
      weights_[r * classes_ + static_cast<size_t>(classes[i])] += row[r];
    }
  }
  for (size_t r = 0; r < n; ++r) products[r * n + r] += ridge;
  solve(products, weights_, n, classes_);
}

double LinearProbe::accuracy(std::span<const double> states, std::span<const int32_t> classes) const {
  HEDDLE_CHECK(states.size() == classes.size() * width_, "{} numbers are no states of {} rows of width {}",
               states.size(), classes.size(), width_);
  int64_t right = 0;
  for (size_t i = 0; i < classes.size(); ++i) {
    std::vector<double> out(weights_.end() - static_cast<int64_t>(classes_), weights_.end());
    for (size_t r = 0; r < width_; ++r)
      for (size_t c = 0; c < classes_; ++c) out[c] += states[i * width_ + r] * weights_[r * classes_ + c];
    right += std::ranges::max_element(out) - out.begin() == classes[i];
  }
  return static_cast<double>(right) / static_cast<double>(std::max<size_t>(1, classes.size()));
}

}  // namespace heddle::inspect
