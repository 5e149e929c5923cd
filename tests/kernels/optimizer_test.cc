#include "heddle/kernels/optimizer.h"

#include <limits>

#include "heddle/base/thread_loop.h"
#include "tests/kernels/kernel_comparison.h"

namespace heddle::kernels {
namespace {

template <class T>
struct State {
  std::vector<T> weight, first, second;
  explicit State(const Doubles& start)
      : weight(start.begin(), start.end()), first(start.size()), second(start.size()) {}
};

// Loshchilov & Hutter 2019, algorithm 2, line by line.
void textbook_step(const AdamW& rule, const Doubles& gradient, State<double>& s) {
  for (size_t i = 0; i < gradient.size(); ++i) {
    const double g = gradient[i] * rule.gradient_scale;
    s.first[i] = rule.beta1 * s.first[i] + (1 - rule.beta1) * g;
    s.second[i] = rule.beta2 * s.second[i] + (1 - rule.beta2) * g * g;
    const double m = s.first[i] / (1 - std::pow(rule.beta1, rule.step));
    const double v = s.second[i] / (1 - std::pow(rule.beta2, rule.step));
    s.weight[i] -=
        rule.learning_rate * m / (std::sqrt(v) + rule.epsilon) + rule.learning_rate * rule.weight_decay * s.weight[i];
  }
}

template <class T>
void step(const AdamW& rule, const Doubles& gradient, State<T>& s) {
  const std::vector<T> g(gradient.begin(), gradient.end());
  adamw(rule, static_cast<int64_t>(g.size()), g.data(), s.weight.data(), s.first.data(), s.second.data());
}

AdamW random_rule(RandomStream& random) {
  AdamW rule;
  rule.learning_rate = random.below(2) ? 1e-3 : 5e-2;
  rule.beta1 = random.below(2) ? 0.9 : 0.0;
  rule.beta2 = random.below(2) ? 0.98 : 0.999;
  rule.epsilon = random.below(2) ? 1e-9 : 1e-6;
  rule.weight_decay = random.below(2) ? 0.1 : 0.0;
  rule.gradient_scale = random.below(2) ? 0.37 : 1.0;
  return rule;
}

TEST(AdamW, EveryLevelFollowsTheTextbook) {
  RandomStream random({41, 0, 0, 0});
  at_every_simd_level([&] {
    for (const int64_t count : {0, 1, 3, 8, 15, 17, 1000, 40001}) {
      const Doubles start = random_values(random, count);
      State<double> expected(start), slow(start);
      State<float> fast(start);
      AdamW rule = random_rule(random);
      for (rule.step = 1; rule.step <= 12; ++rule.step) {
        const Doubles gradient = random_values(random, count);
        textbook_step(rule, gradient, expected);
        step(rule, gradient, slow);
        step(rule, gradient, fast);
        EXPECT_LE(tensor_error(slow.weight, expected.weight), 1e-12);
        EXPECT_LE(tensor_error(fast.weight, expected.weight), 1e-5) << count << " step " << rule.step;
        EXPECT_LE(tensor_error(fast.first, expected.first), 1e-5) << count << " step " << rule.step;
        EXPECT_LE(tensor_error(fast.second, expected.second), 1e-5) << count << " step " << rule.step;
      }
    }
  });
}

TEST(AdamW, TheFirstStepHasTheLearningRatesSize) {
  for (const double g : {1e-4, 1.0, -300.0}) {  // m/√v is ±1 after the bias correction
    State<float> s(Doubles(20, 0.0));
    step({.learning_rate = 0.01, .epsilon = 1e-12}, Doubles(20, g), s);
    for (const float w : s.weight) EXPECT_NEAR(w, g > 0 ? -0.01f : 0.01f, 1e-7f);
  }
}

TEST(AdamW, ClippingInTheSamePassIsScalingTheGradient) {
  RandomStream random({42, 0, 0, 0});
  const Doubles start = random_values(random, 100), gradient = random_values(random, 100);
  Doubles halved = gradient;
  for (double& g : halved) g /= 2;
  State<float> clipped(start), scaled(start);
  step({.learning_rate = 0.1, .gradient_scale = 0.5}, gradient, clipped);
  step({.learning_rate = 0.1}, halved, scaled);
  EXPECT_EQ(clipped.weight, scaled.weight);
  EXPECT_EQ(clipped.second, scaled.second);
}

TEST(AdamW, DecayIsDecoupledFromTheMoments) {
  RandomStream random({43, 0, 0, 0});
  const Doubles start = random_values(random, 50), gradient = random_values(random, 50);
  State<float> plain(start), decayed(start);
  step({.learning_rate = 0.1}, gradient, plain);
  step({.learning_rate = 0.1, .weight_decay = 0.2}, gradient, decayed);
  EXPECT_EQ(plain.first, decayed.first);
  EXPECT_EQ(plain.second, decayed.second);
  for (size_t i = 0; i < start.size(); ++i)
    EXPECT_NEAR(plain.weight[i] - decayed.weight[i], 0.1 * 0.2 * start[i], 1e-6);
}

// 1 - rate·decay has few digits in f32: the decay itself must be computed, not its complement.
TEST(AdamW, ASmallDecayIsRightOnAverage) {
  at_every_simd_level([&] {
    RandomStream random({44, 0, 0, 0});
    Doubles start(20000);
    for (double& w : start) w = static_cast<double>(static_cast<float>(1 + random.uniform()));
    State<float> s(start);
    step({.learning_rate = 1e-4, .weight_decay = 0.01}, Doubles(start.size(), 0.0), s);
    double lost = 0, sum = 0;
    for (size_t i = 0; i < start.size(); ++i) {
      lost += start[i] - static_cast<double>(s.weight[i]);
      sum += start[i];
    }
    EXPECT_NEAR(lost / sum, 1e-6, 0.005e-6);
  });
}

TEST(SumOfSquares, EveryLevelEqualsTheSum) {
  RandomStream random({45, 0, 0, 0});
  at_every_simd_level([&] {
    for (const int64_t count : {0, 1, 5, 16, 17, 511, 513, 300001}) {
      const Doubles x = random_values(random, count);
      const double expected = dot(x, x);
      EXPECT_NEAR(sum_of_squares(count, narrow(x).data()), expected, 1e-6 * expected) << count;
      EXPECT_NEAR(sum_of_squares(count, x.data()), expected, 1e-12 * expected) << count;
    }
  });
}

TEST(SumOfSquares, WhatIsNotFiniteIsSeenWhereverItStands) {
  at_every_simd_level([&] {
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()})
      for (size_t place = 0; place < 67; ++place) {
        Floats x(67, 1.0f);
        x[place] = bad;
        EXPECT_FALSE(std::isfinite(sum_of_squares(67, x.data()))) << place;
      }
  });
}

TEST(SumOfSquares, TheThreadCountDecidesTheBits) {
  RandomStream random({46, 0, 0, 0});
  const Floats x = narrow(random_values(random, 200003));
  const int threads = thread_count();
  for (const int count : {1, 2, 3}) {
    set_thread_count(count);
    const double once = sum_of_squares(std::ssize(x), x.data());
    for (int again = 0; again < 5; ++again) EXPECT_EQ(sum_of_squares(std::ssize(x), x.data()), once);
  }
  set_thread_count(threads);
}

}  // namespace
}  // namespace heddle::kernels
