#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heddle/kernels/optimizer.cc"
#include "heddle/kernels/cpu/targets.h"

#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <array>
#include <cmath>

#include "heddle/base/thread_loop.h"
#include "heddle/kernels/optimizer.h"

#ifndef HEDDLE_ADAMW_CONSTANTS
#define HEDDLE_ADAMW_CONSTANTS
namespace heddle::kernels {

// The rule's constants as the inner loop uses them: the small numbers themselves, since 0.999 and
// 1 - 1e-6 have few digits left in f32.
struct AdamWConstants {
  float rest1, rest2, scale, decay, rate, second_scale, epsilon;  // rest: 1 - beta
};

}  // namespace heddle::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace heddle::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void AdamWRange(const AdamWConstants& k, int64_t count, const float* gradient, float* weight, float* first,
                float* second) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto rest1 = hn::Set(d, k.rest1), rest2 = hn::Set(d, k.rest2);
  const auto scale = hn::Set(d, k.scale), decay = hn::Set(d, k.decay), rate = hn::Set(d, k.rate);
  const auto second_scale = hn::Set(d, k.second_scale), epsilon = hn::Set(d, k.epsilon);
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto g = hn::Mul(hn::LoadU(d, gradient + i), scale);
    const auto old_m = hn::LoadU(d, first + i), old_v = hn::LoadU(d, second + i);
    const auto w = hn::LoadU(d, weight + i);
    const auto m = hn::MulAdd(hn::Sub(g, old_m), rest1, old_m);
    const auto v = hn::MulAdd(hn::Sub(hn::Mul(g, g), old_v), rest2, old_v);
    const auto step = hn::Div(hn::Mul(m, rate), hn::Add(hn::Sqrt(hn::Mul(v, second_scale)), epsilon));
    hn::StoreU(m, d, first + i);
    hn::StoreU(v, d, second + i);
    hn::StoreU(hn::Sub(w, hn::MulAdd(w, decay, step)), d, weight + i);
  }
  for (; i < count; ++i) {
    const float g = gradient[i] * k.scale;
    first[i] += (g - first[i]) * k.rest1;
    second[i] += (g * g - second[i]) * k.rest2;
    weight[i] -= first[i] * k.rate / (std::sqrt(second[i] * k.second_scale) + k.epsilon) + weight[i] * k.decay;
  }
}

double SquaresRange(int64_t count, const float* x) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  double total = 0;
  int64_t i = 0;
  while (i + lanes <= count) {  // float sums of short stretches, joined in double
    auto sum = hn::Zero(d);
    for (int n = 0; n < 32 && i + lanes <= count; ++n, i += lanes) {
      const auto value = hn::LoadU(d, x + i);
      sum = hn::MulAdd(value, value, sum);
    }
    total += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, sum)));
  }
  for (; i < count; ++i) total += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  return total;
}

}  // namespace HWY_NAMESPACE
}  // namespace heddle::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heddle::kernels {
HWY_EXPORT(AdamWRange);
HWY_EXPORT(SquaresRange);

namespace {
double correction(double beta, int64_t step) { return 1 - std::pow(beta, static_cast<double>(step)); }
}  // namespace

void adamw(const AdamW& rule, int64_t count, const float* gradient, float* weight, float* first, float* second) {
  const AdamWConstants k = {static_cast<float>(1 - rule.beta1),
                            static_cast<float>(1 - rule.beta2),
                            static_cast<float>(rule.gradient_scale),
                            static_cast<float>(rule.learning_rate * rule.weight_decay),
                            static_cast<float>(rule.learning_rate / correction(rule.beta1, rule.step)),
                            static_cast<float>(1 / correction(rule.beta2, rule.step)),
                            static_cast<float>(rule.epsilon)};
  const auto run = HWY_DYNAMIC_DISPATCH(AdamWRange);
  parallel_for(count, 1 << 14, [&](int64_t begin, int64_t end, int) {
    run(k, end - begin, gradient + begin, weight + begin, first + begin, second + begin);
  });
}

void adamw(const AdamW& rule, int64_t count, const double* gradient, double* weight, double* first, double* second) {
  for (int64_t i = 0; i < count; ++i) {
    const double g = gradient[i] * rule.gradient_scale;
    first[i] = rule.beta1 * first[i] + (1 - rule.beta1) * g;
    second[i] = rule.beta2 * second[i] + (1 - rule.beta2) * g * g;
    const double m = first[i] / correction(rule.beta1, rule.step);
    const double v = second[i] / correction(rule.beta2, rule.step);
    weight[i] -= rule.learning_rate * (m / (std::sqrt(v) + rule.epsilon) + rule.weight_decay * weight[i]);
  }
}

double sum_of_squares(int64_t count, const float* x) {
  const auto run = HWY_DYNAMIC_DISPATCH(SquaresRange);
  std::array<double, kMostThreads> sums{};
  parallel_for(count, 1 << 16, [&](int64_t begin, int64_t end, int lane) {
    sums[static_cast<size_t>(lane)] += run(end - begin, x + begin);
  });
  double total = 0;
  for (double sum : sums) total += sum;
  return total;
}

double sum_of_squares(int64_t count, const double* x) {
  double total = 0;
  for (int64_t i = 0; i < count; ++i) total += x[i] * x[i];
  return total;
}

}  // namespace heddle::kernels
#endif
