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
#include "heddle/kernels/cpu/cross_entropy_row-inl.h"
#include "heddle/kernels/cross_entropy.h"
#include "heddle/kernels/reference/cross_entropy.h"

HWY_BEFORE_NAMESPACE();
namespace heddle::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

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
                      const SmoothedTarget& smoothed, double scale, CrossEntropySums* sums) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t r = 0; r < rows; ++r) {
    float* row = logits + r * classes;
    const int32_t target = targets[r];
    if (target < 0) {
      std::fill(row, row + classes, 0.0f);
      continue;
    }
    const RowScan scan = scan_row(classes, row, bias);
    const double at_target = row[target];
    const float power_sum =
        std::isnan(scan.sum) ? std::numeric_limits<float>::quiet_NaN() : exponentials(classes, row, scan.top);
    const double total = static_cast<double>(scan.top) + std::log(static_cast<double>(power_sum));
    add_row(scan, total, at_target, classes, smoothed, *sums);
    const auto factor = hn::Set(d, static_cast<float>(scale / static_cast<double>(power_sum)));
    const auto base = hn::Set(d, static_cast<float>(scale * smoothed.other));
    int64_t c = 0;
    for (; c + lanes <= classes; c += lanes) hn::StoreU(hn::MulSub(hn::LoadU(d, row + c), factor, base), d, row + c);
    for (; c < classes; ++c)
      row[c] =
          static_cast<float>(scale * (static_cast<double>(row[c]) / static_cast<double>(power_sum) - smoothed.other));
    row[target] -= static_cast<float>(scale * (smoothed.right - smoothed.other));
  }
}

void LogSoftmaxRow(int64_t classes, float* x) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const RowScan scan = scan_row(classes, x, nullptr);
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
  const SmoothedTarget smoothed = smoothed_target(classes, smoothing, convention);
  std::array<CrossEntropySums, kMostThreads> lanes{};
  const auto run = HWY_DYNAMIC_DISPATCH(CrossEntropyRows);
  parallel_for(rows, 1 + 8192 / std::max<int64_t>(classes, 1), [&](int64_t begin, int64_t end, int lane) {
    run(end - begin, classes, logits + begin * classes, bias, targets + begin, smoothed, scale,
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
