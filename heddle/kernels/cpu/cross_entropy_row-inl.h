// What every cross-entropy of a row begins and ends with: the scan of its logits, and its share of the sums.

#if defined(HEDDLE_CROSS_ENTROPY_ROW_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef HEDDLE_CROSS_ENTROPY_ROW_INL_H
#undef HEDDLE_CROSS_ENTROPY_ROW_INL_H
#else
#define HEDDLE_CROSS_ENTROPY_ROW_INL_H
#endif

#include <hwy/highway.h>

#include <algorithm>

#include "heddle/kernels/cross_entropy.h"

HWY_BEFORE_NAMESPACE();
namespace heddle::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// What one pass over a row learns: its maximum and Σ x, with the bias added in place. Vector maxima may pass over a
// NaN, sums never do.
struct RowScan {
  float top;
  double sum;
};

HWY_INLINE RowScan scan_row(int64_t classes, float* x, const float* bias) {
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
  RowScan result = {hn::GetLane(hn::MaxOfLanes(d, tops)), hn::GetLane(hn::SumOfLanes(d, sums))};
  for (int64_t c = whole; c < classes; ++c) {
    if (bias) x[c] += bias[c];
    result.top = std::max(result.top, x[c]);
    result.sum += x[c];
  }
  return result;
}

// total: the logarithm of Σ exp(x). The loss is -Σ t_c (x_c - total) with t = other everywhere and right - other more
// at the target.
HWY_INLINE void add_row(const RowScan& scan, double total, double at_target, int64_t classes,
                        const SmoothedTarget& target, CrossEntropySums& sums) {
  sums.nll += total - at_target;
  sums.loss += total * (target.other * static_cast<double>(classes - 1) + target.right) -
               (target.other > 0 ? target.other * scan.sum : 0.0) - (target.right - target.other) * at_target;
  sums.correct += at_target >= static_cast<double>(scan.top);
  ++sums.counted;
}

}  // namespace HWY_NAMESPACE
}  // namespace heddle::kernels
HWY_AFTER_NAMESPACE();

#endif
