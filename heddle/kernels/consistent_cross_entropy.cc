#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heddle/kernels/consistent_cross_entropy.cc"
#include "heddle/kernels/cpu/targets.h"

#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "heddle/base/thread_loop.h"
#include "heddle/kernels/consistent_cross_entropy.h"
#include "heddle/kernels/cpu/cross_entropy_row-inl.h"
#include "heddle/kernels/reference/consistent_cross_entropy.h"

HWY_BEFORE_NAMESPACE();
namespace heddle::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// A row, what its scan found, and then Σ exp(x - top) and Σ exp(x - top)·(difference to the other row).
struct PairRow {
  float* x;
  RowScan scan;
  double power = 0, moment = 0;

  PairRow(int64_t classes, float* logits, const float* bias) : x(logits), scan(scan_row(classes, logits, bias)) {}
  double total() const {
    return std::isnan(scan.sum) ? std::numeric_limits<double>::quiet_NaN()
                                : static_cast<double>(scan.top) + std::log(power);
  }
};

// Logits below their maximum, bounded so that a forbidden class (-infinity) has a difference too.
template <class D>
HWY_INLINE hn::Vec<D> Lowered(D d, const PairRow& row, int64_t c) {
  return hn::Max(hn::Sub(hn::LoadU(d, row.x + c), hn::Set(d, row.scan.top)), hn::Set(d, -87.0f));
}
HWY_INLINE float Lowered(const PairRow& row, int64_t c) { return std::max(row.x[c] - row.scan.top, -87.0f); }

HWY_INLINE void SumPowers(int64_t classes, PairRow& a, PairRow& b) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  auto power_a = hn::Zero(d), power_b = hn::Zero(d), moment_a = hn::Zero(d), moment_b = hn::Zero(d);
  int64_t c = 0;
  for (; c + lanes <= classes; c += lanes) {
    const auto x = Lowered(d, a, c), y = Lowered(d, b, c);
    const auto e = hn::Exp(d, x), f = hn::Exp(d, y), difference = hn::Sub(x, y);
    power_a = hn::Add(power_a, e);
    power_b = hn::Add(power_b, f);
    moment_a = hn::MulAdd(e, difference, moment_a);
    moment_b = hn::NegMulAdd(f, difference, moment_b);
  }
  a.power = static_cast<double>(hn::GetLane(hn::SumOfLanes(d, power_a)));
  b.power = static_cast<double>(hn::GetLane(hn::SumOfLanes(d, power_b)));
  a.moment = static_cast<double>(hn::GetLane(hn::SumOfLanes(d, moment_a)));
  b.moment = static_cast<double>(hn::GetLane(hn::SumOfLanes(d, moment_b)));
  for (; c < classes; ++c) {
    const float x = Lowered(a, c), y = Lowered(b, c), e = std::exp(x), f = std::exp(y);
    a.power += static_cast<double>(e);
    b.power += static_cast<double>(f);
    a.moment += static_cast<double>(e * (x - y));
    b.moment += static_cast<double>(f * (y - x));
  }
}

// log p - log q is the difference of the lowered logits less log(power_a / power_b); with k = its mean under p,
// d p = scale·(p·(1 + pull·(d - k + 1)) - pull·q - target).
HWY_INLINE void StoreGradients(int64_t classes, const PairRow& a, const PairRow& b, double other, double pull_share,
                               double loss_scale) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const float inverse_a = static_cast<float>(1 / a.power), inverse_b = static_cast<float>(1 / b.power);
  const float mean_a = static_cast<float>(a.moment / a.power), mean_b = static_cast<float>(b.moment / b.power);
  const float pull = static_cast<float>(loss_scale * pull_share), scale = static_cast<float>(loss_scale);
  const float base = static_cast<float>(loss_scale * other);
  const auto pulls = hn::Set(d, pull), both = hn::Set(d, scale + pull), bases = hn::Set(d, base);
  int64_t c = 0;
  for (; c + lanes <= classes; c += lanes) {
    const auto x = Lowered(d, a, c), y = Lowered(d, b, c), difference = hn::Sub(x, y);
    const auto p = hn::Mul(hn::Exp(d, x), hn::Set(d, inverse_a)), q = hn::Mul(hn::Exp(d, y), hn::Set(d, inverse_b));
    const auto of_p = hn::MulAdd(pulls, hn::Sub(difference, hn::Set(d, mean_a)), both);
    const auto of_q = hn::NegMulAdd(pulls, hn::Add(difference, hn::Set(d, mean_b)), both);
    hn::StoreU(hn::Sub(hn::MulSub(p, of_p, bases), hn::Mul(pulls, q)), d, a.x + c);
    hn::StoreU(hn::Sub(hn::MulSub(q, of_q, bases), hn::Mul(pulls, p)), d, b.x + c);
  }
  for (; c < classes; ++c) {
    const float x = Lowered(a, c), y = Lowered(b, c);
    const float p = std::exp(x) * inverse_a, q = std::exp(y) * inverse_b;
    a.x[c] = p * (scale + pull + pull * (x - y - mean_a)) - base - pull * q;
    b.x[c] = q * (scale + pull + pull * (y - x - mean_b)) - base - pull * p;
  }
}

void ConsistentCrossEntropyRows(int64_t rows, int64_t classes, float* first, float* second, const float* bias,
                                const int32_t* targets, const SmoothedTarget& smoothed, double pull, double scale,
                                CrossEntropySums* sums) {
  for (int64_t r = 0; r < rows; ++r) {
    float *x = first + r * classes, *y = second + r * classes;
    const int32_t target = targets[r];
    if (target < 0) {
      std::fill(x, x + classes, 0.0f);
      std::fill(y, y + classes, 0.0f);
      continue;
    }
    PairRow a(classes, x, bias), b(classes, y, bias);
    SumPowers(classes, a, b);
    for (const PairRow* row : {&a, &b})
      add_row(row->scan, row->total(), static_cast<double>(row->x[target]), classes, smoothed, *sums);
    sums->loss += pull * (a.moment / a.power + b.moment / b.power);  // the shifts of both cancel
    StoreGradients(classes, a, b, smoothed.other, pull, scale);
    const auto right = static_cast<float>(scale * (smoothed.right - smoothed.other));
    x[target] -= right;
    y[target] -= right;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace heddle::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heddle::kernels {
HWY_EXPORT(ConsistentCrossEntropyRows);

CrossEntropySums consistent_cross_entropy(int64_t rows, int64_t classes, float* first, float* second, const float* bias,
                                          const int32_t* targets, double smoothing, Smoothing convention, double scale,
                                          double consistency) {
  const SmoothedTarget smoothed = smoothed_target(classes, smoothing, convention);
  std::array<CrossEntropySums, kMostThreads> lanes{};
  const auto run = HWY_DYNAMIC_DISPATCH(ConsistentCrossEntropyRows);
  parallel_for(rows, 1 + 4096 / std::max<int64_t>(classes, 1), [&](int64_t begin, int64_t end, int lane) {
    run(end - begin, classes, first + begin * classes, second + begin * classes, bias, targets + begin, smoothed,
        consistency / 2, scale, &lanes[static_cast<size_t>(lane)]);
  });
  CrossEntropySums sums;
  for (const CrossEntropySums& lane : lanes) sums += lane;
  return sums;
}

CrossEntropySums consistent_cross_entropy(int64_t rows, int64_t classes, double* first, double* second,
                                          const double* bias, const int32_t* targets, double smoothing,
                                          Smoothing convention, double scale, double consistency) {
  return reference::consistent_cross_entropy(rows, classes, first, second, bias, targets, smoothing, convention, scale,
                                             consistency);
}

}  // namespace heddle::kernels
#endif
