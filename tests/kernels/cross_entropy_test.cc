#include "heddle/kernels/cross_entropy.h"

#include <limits>

#include "tests/kernels/kernel_comparison.h"

namespace heddle::kernels {
namespace {

constexpr Smoothing kConventions[] = {Smoothing::over_all, Smoothing::over_others};

struct Problem {
  int64_t rows, classes;
  Doubles logits, bias;
  std::vector<int32_t> targets;
  double smoothing;
  Smoothing convention;
  double scale;
};

Problem random_problem(RandomStream& random, int64_t rows, int64_t classes) {
  Problem p{rows, classes, random_values(random, rows * classes, 3), {}, {}, 0, Smoothing::over_all, 1};
  if (random.below(2)) p.bias = random_values(random, classes);
  for (int64_t r = 0; r < rows; ++r)
    p.targets.push_back(random.below(5) ? static_cast<int32_t>(random.below(static_cast<uint64_t>(classes))) : -1);
  const double smoothings[] = {0, 0.1, 0.4};
  p.smoothing = smoothings[random.below(3)];
  p.convention = kConventions[random.below(2)];
  p.scale = random.below(2) ? 1 : 1.0 / 64;
  return p;
}

template <class T>
struct Answer {
  CrossEntropySums sums;
  std::vector<T> gradient;
};

template <class T>
Answer<T> solve(const Problem& p) {
  const std::vector<T> bias(p.bias.begin(), p.bias.end());
  Answer<T> a{{}, {p.logits.begin(), p.logits.end()}};
  a.sums = cross_entropy(p.rows, p.classes, a.gradient.data(), bias.empty() ? nullptr : bias.data(), p.targets.data(),
                         p.smoothing, p.convention, p.scale);
  return a;
}

void expect_equal(const Problem& p) {
  const Answer<double> slow = solve<double>(p);
  const Answer<float> fast = solve<float>(p);
  // The loss of one class, or of a certain one, is nothing but rounding.
  const auto tolerance = [](double sum) { return 1e-5 * std::max(std::abs(sum), 1e-2); };
  EXPECT_NEAR(fast.sums.loss, slow.sums.loss, tolerance(slow.sums.loss)) << p.rows << "x" << p.classes;
  EXPECT_NEAR(fast.sums.nll, slow.sums.nll, tolerance(slow.sums.nll)) << p.rows << "x" << p.classes;
  EXPECT_EQ(fast.sums.counted, slow.sums.counted);
  EXPECT_EQ(fast.sums.correct, slow.sums.correct);
  EXPECT_LE(gradient_error(fast.gradient, slow.gradient, 1e-2 * p.scale), 1e-5) << p.rows << "x" << p.classes;
}

TEST(CrossEntropy, FastEqualsReferenceAtEveryLevel) {
  RandomStream random({21, 0, 0, 0});
  at_every_simd_level([&] {
    for (const int64_t classes : kWidths)
      for (const int64_t rows : {0, 1, 13, 60}) expect_equal(random_problem(random, rows, classes));
  });
}

// -Σ_c t_c·log p_c, written out.
TEST(CrossEntropy, BothConventionsAreTheirDefinition) {
  RandomStream random({22, 0, 0, 0});
  for (const Smoothing convention : kConventions)
    for (const double smoothing : {0.0, 0.1}) {
      Problem p = random_problem(random, 1, 6);
      p.bias.clear();
      p.targets = {2};
      p.smoothing = smoothing;
      p.convention = convention;
      double sum = 0, loss = 0;
      for (const double x : p.logits) sum += std::exp(x);
      for (size_t c = 0; c < 6; ++c) {
        const double spread = convention == Smoothing::over_all ? smoothing / 6 : c == 2 ? 0 : smoothing / 5;
        loss -= ((c == 2 ? 1 - smoothing : 0) + spread) * std::log(std::exp(p.logits[c]) / sum);
      }
      EXPECT_NEAR(solve<double>(p).sums.loss, loss, 1e-12);
      EXPECT_NEAR(solve<double>(p).sums.nll, -std::log(std::exp(p.logits[2]) / sum), 1e-12);
    }
}

TEST(CrossEntropy, ReferenceGradientEqualsFiniteDifferences) {
  RandomStream random({23, 0, 0, 0});
  for (int round = 0; round < 12; ++round) {
    Problem p = random_problem(random, 5, 2 + static_cast<int64_t>(random.below(9)));
    const Doubles gradient = solve<double>(p).gradient;
    const Doubles differences = finite_differences(p.logits, [&] { return p.scale * solve<double>(p).sums.loss; });
    EXPECT_LE(gradient_error(gradient, differences), 1e-6);
  }
}

TEST(CrossEntropy, LargeLogitsDoNotOverflow) {
  RandomStream random({24, 0, 0, 0});
  at_every_simd_level([&] {
    for (const double size : {100.0, 1e4, 1e8}) {
      Problem p = random_problem(random, 9, 37);
      for (double& x : p.logits) x = static_cast<double>(static_cast<float>(x * size));
      expect_equal(p);
      EXPECT_TRUE(std::isfinite(solve<float>(p).sums.loss)) << size;
    }
  });
}

TEST(CrossEntropy, ForbiddenClassesHaveNoPartWithoutSmoothing) {
  RandomStream random({25, 0, 0, 0});
  at_every_simd_level([&] {
    for (const int64_t classes : {7, 16, 37}) {
      Problem p = random_problem(random, 4, classes);
      p.bias.clear();
      p.smoothing = 0;
      p.targets = {0, 1, 0, -1};
      for (int64_t r = 0; r < p.rows; ++r)
        for (int64_t c = 2; c < classes; c += 2)
          p.logits[static_cast<size_t>(r * classes + c)] = -std::numeric_limits<double>::infinity();
      expect_equal(p);
      const Answer<float> fast = solve<float>(p);
      EXPECT_TRUE(std::isfinite(fast.sums.loss));
      EXPECT_NEAR(fast.gradient[2], 0, 1e-30);
    }
  });
}

TEST(CrossEntropy, ANotANumberReachesTheLoss) {
  RandomStream random({26, 0, 0, 0});
  at_every_simd_level([&] {
    for (const double smoothing : {0.0, 0.1})
      for (const size_t place : {0, 5, 16, 36}) {
        Problem p = random_problem(random, 1, 37);
        p.targets = {3};
        p.smoothing = smoothing;
        p.logits[place] = std::numeric_limits<double>::quiet_NaN();
        EXPECT_TRUE(std::isnan(solve<double>(p).sums.loss)) << place;
        EXPECT_TRUE(std::isnan(solve<float>(p).sums.loss)) << place;
        EXPECT_TRUE(std::isnan(solve<float>(p).sums.nll)) << place;
      }
  });
}

TEST(CrossEntropy, EqualLogitsAreUniform) {
  at_every_simd_level([&] {
    for (const int64_t classes : {1, 5, 16, 50}) {
      Problem p{3, classes, Doubles(static_cast<size_t>(3 * classes), 2.5), {}, {0, -1, 0}, 0.1, Smoothing::over_all,
                1};
      p.targets[2] = static_cast<int32_t>(classes - 1);
      expect_equal(p);
      EXPECT_NEAR(solve<float>(p).sums.loss, 2 * std::log(static_cast<double>(classes)), 1e-5);
      EXPECT_EQ(solve<float>(p).sums.counted, 2);
      for (int64_t c = 0; c < classes; ++c) EXPECT_EQ(solve<float>(p).gradient[static_cast<size_t>(classes + c)], 0.0f);
    }
  });
}

TEST(CrossEntropy, NothingOfNothingIsNothing) {
  float logits = 0;
  const int32_t targets[] = {-1, -1};
  EXPECT_EQ(cross_entropy(2, 0, &logits, nullptr, targets, 0.1, Smoothing::over_all, 1).counted, 0);
  EXPECT_EQ(cross_entropy(0, 5, &logits, nullptr, targets, 0.1, Smoothing::over_all, 1).loss, 0);
  double wide = 0;
  log_softmax(2, 0, &logits);
  log_softmax(2, 0, &wide);
}

TEST(LogSoftmax, FastEqualsReferenceAtEveryLevel) {
  RandomStream random({27, 0, 0, 0});
  at_every_simd_level([&] {
    for (const int64_t classes : kWidths)
      for (const double size : {1.0, 50.0}) {
        const auto rows = static_cast<int64_t>(random.below(20));
        Doubles slow = random_values(random, rows * classes, size);
        if (!slow.empty() && classes > 2) slow[0] = -std::numeric_limits<double>::infinity();
        Floats fast = narrow(slow);
        log_softmax(rows, classes, slow.data());
        log_softmax(rows, classes, fast.data());
        EXPECT_LE(tensor_error(fast, slow), 1e-5) << rows << "x" << classes;
        for (int64_t r = 0; r < rows; ++r) {
          double sum = 0;
          for (int64_t c = 0; c < classes; ++c) sum += std::exp(slow[static_cast<size_t>(r * classes + c)]);
          EXPECT_NEAR(sum, 1, 1e-12);
        }
      }
  });
}

}  // namespace
}  // namespace heddle::kernels
