#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heddle/kernels/cross_entropy.cc"
#include "heddle/kernels/cpu/targets.h"

#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "heddle/base/thread_loop.h"
#include "heddle/kernels/cross_entropy.h"
#include "heddle/kernels/reference/cross_entropy.h"

HWY_BEFORE_NAMESPACE();
namespace heddle::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// What one pass over a row learns: its maximum, Σ exp(x - max) and Σ x, with the bias added in place.
struct RowSums {
  float top, power_sum;
  double sum;
};

HWY_INLINE RowSums scan_row(int64_t classes, float* x, const float* bias) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t whole = classes / lanes * lanes;
  auto tops = hn::Set(d, -3.0e38f), sums = hn::Zero(d);
  for (int64_t c = 0; c < whole; c += lanes) {
    auto value = hn::LoadU(d, x + c);
    if (bias) {
      value = hn::Add(value, hn::LoadU(d, bias + c));
      hn::StoreU(value, d, x + c);
    }
    tops = hn::Max(tops, value);
    sums = hn::Add(sums, value);
  }
  RowSums result = {hn::GetLane(hn::MaxOfLanes(d, tops)), 0, hn::GetLane(hn::SumOfLanes(d, sums))};
  for (int64_t c = whole; c < classes; ++c) {
    if (bias) x[c] += bias[c];
    result.top = std::max(result.top, x[c]);
    result.sum += x[c];
  }
  return result;
}

// x := exp(x - top); returns the sum.
HWY_INLINE float exponentials(int64_t classes, float* x, float top) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto shift = hn::Set(d, top), lowest = hn::Set(d, -87.0f);
  auto sums = hn::Zero(d);
  int64_t c = 0;
  for (; c + lanes <= classes; c += lanes) {
    const auto power = hn::Exp(d, hn::Max(hn::Sub(hn::LoadU(d, x + c), shift), lowest));
    sums = hn::Add(sums, power);
    hn::StoreU(power, d, x + c);
  }
  float sum = hn::GetLane(hn::SumOfLanes(d, sums));
  for (; c < classes; ++c) sum += x[c] = std::exp(x[c] - top);
  return sum;
}

void CrossEntropyRows(int64_t rows, int64_t classes, float* logits, const float* bias, const int32_t* targets,
                      double other, double right, double scale, CrossEntropySums* sums) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t r = 0; r < rows; ++r) {
    float* row = logits + r * classes;
    const int32_t target = targets[r];
    if (target < 0) {
      std::fill(row, row + classes, 0.0f);
      continue;
    }
    const RowSums scan = scan_row(classes, row, bias);
    const double at_target = row[target];
    // Vector maxima may pass over a NaN, sums never do.
    const float power_sum =
        std::isnan(scan.sum) ? std::numeric_limits<float>::quiet_NaN() : exponentials(classes, row, scan.top);
    const double total = static_cast<double>(scan.top) + std::log(static_cast<double>(power_sum));
    sums->nll += total - at_target;
    // -Σ t_c (x_c - total) with t = other everywhere and right - other more at the target.
    sums->loss += total * (other * static_cast<double>(classes - 1) + right) - (other > 0 ? other * scan.sum : 0.0) -
                  (right - other) * at_target;
    sums->correct += at_target >= static_cast<double>(scan.top);
    ++sums->counted;
    const auto factor = hn::Set(d, static_cast<float>(scale / static_cast<double>(power_sum)));
    const auto base = hn::Set(d, static_cast<float>(scale * other));
    int64_t c = 0;
    for (; c + lanes <= classes; c += lanes) hn::StoreU(hn::MulSub(hn::LoadU(d, row + c), factor, base), d, row + c);
    for (; c < classes; ++c)
      row[c] = static_cast<float>(scale * (static_cast<double>(row[c]) / static_cast<double>(power_sum) - other));
    row[target] -= static_cast<float>(scale * (right - other));
  }
}

void LogSoftmaxRow(int64_t classes, float* x) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const RowSums scan = scan_row(classes, x, nullptr);
  const float top = scan.top;
  const auto shift = hn::Set(d, top), lowest = hn::Set(d, -87.0f);
  auto sums = hn::Zero(d);
  int64_t c = 0;
  for (; c + lanes <= classes; c += lanes)
    sums = hn::Add(sums, hn::Exp(d, hn::Max(hn::Sub(hn::LoadU(d, x + c), shift), lowest)));
  float sum = hn::GetLane(hn::SumOfLanes(d, sums));
  for (; c < classes; ++c) sum += std::exp(x[c] - top);
  const float total = std::isnan(scan.sum) ? std::numeric_limits<float>::quiet_NaN() : top + std::log(sum);
  for (c = 0; c < classes; ++c) x[c] -= total;
}

}  // namespace HWY_NAMESPACE
}  // namespace heddle::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heddle::kernels {
HWY_EXPORT(CrossEntropyRows);
HWY_EXPORT(LogSoftmaxRow);

CrossEntropySums cross_entropy(int64_t rows, int64_t classes, float* logits, const float* bias, const int32_t* targets,
                               double smoothing, Smoothing convention, double scale) {
  const auto [right, other] = smoothed_target(classes, smoothing, convention);
  std::array<CrossEntropySums, kMostThreads> lanes{};
  const auto run = HWY_DYNAMIC_DISPATCH(CrossEntropyRows);
  parallel_for(rows, 1 + 8192 / std::max<int64_t>(classes, 1), [&](int64_t begin, int64_t end, int lane) {
    run(end - begin, classes, logits + begin * classes, bias, targets + begin, other, right, scale,
        &lanes[static_cast<size_t>(lane)]);
  });
  CrossEntropySums sums;
  for (const CrossEntropySums& lane : lanes) sums += lane;
  return sums;
}

CrossEntropySums cross_entropy(int64_t rows, int64_t classes, double* logits, const double* bias,
                               const int32_t* targets, double smoothing, Smoothing convention, double scale) {
  return reference::cross_entropy(rows, classes, logits, bias, targets, smoothing, convention, scale);
}

void log_softmax(int64_t rows, int64_t classes, float* x) {
  const auto run = HWY_DYNAMIC_DISPATCH(LogSoftmaxRow);
  parallel_for(rows, 1 + 8192 / std::max<int64_t>(classes, 1), [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) run(classes, x + r * classes);
  });
}

void log_softmax(int64_t rows, int64_t classes, double* x) { reference::log_softmax(rows, classes, x); }

}  // namespace heddle::kernels
#endif
