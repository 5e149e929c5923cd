#include "heddle/kernels/consistent_cross_entropy.h"

#include <limits>

#include "tests/kernels/kernel_comparison.h"

namespace heddle::kernels {
namespace {

struct Problem {
  int64_t rows, classes;
  Doubles logits, bias;  // of the first prediction, then of the second
  std::vector<int32_t> targets;
  double smoothing, scale, consistency;
  Smoothing convention;
};

Problem random_problem(RandomStream& random, int64_t rows, int64_t classes) {
  Problem p{rows, classes, random_values(random, 2 * rows * classes, 2), {}, {}, 0.1, 1.0 / 8, 5, Smoothing::over_all};
  if (random.below(2)) p.bias = random_values(random, classes);
  if (random.below(2)) p.convention = Smoothing::over_others;
  if (random.below(3) == 0) p.smoothing = 0;
  for (int64_t r = 0; r < rows; ++r)
    p.targets.push_back(random.below(5) ? static_cast<int32_t>(random.below(static_cast<uint64_t>(classes))) : -1);
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
  a.sums = consistent_cross_entropy(p.rows, p.classes, a.gradient.data(), a.gradient.data() + p.rows * p.classes,
                                    bias.empty() ? nullptr : bias.data(), p.targets.data(), p.smoothing, p.convention,
                                    p.scale, p.consistency);
  return a;
}

TEST(ConsistentCrossEntropy, FastEqualsReferenceAtEveryLevel) {
  RandomStream random({221, 0, 0, 0});
  at_every_simd_level([&] {
    for (const int64_t classes : kWidths)
      for (const int64_t rows : {0, 1, 13, 60}) {
        const Problem p = random_problem(random, rows, classes);
        const Answer<double> slow = solve<double>(p);
        const Answer<float> fast = solve<float>(p);
        EXPECT_NEAR(fast.sums.loss, slow.sums.loss, 1e-5 * std::max(slow.sums.loss, 1e-2)) << rows << "x" << classes;
        EXPECT_NEAR(fast.sums.nll, slow.sums.nll, 1e-5 * std::max(slow.sums.nll, 1e-2)) << rows << "x" << classes;
        EXPECT_EQ(fast.sums.counted, slow.sums.counted);
        EXPECT_EQ(fast.sums.correct, slow.sums.correct);
        EXPECT_LE(gradient_error(fast.gradient, slow.gradient, p.scale), 1e-5) << rows << "x" << classes;  // α of them cancel
      }
  });
}

TEST(ConsistentCrossEntropy, ReferenceGradientEqualsFiniteDifferences) {
  RandomStream random({222, 0, 0, 0});
  for (int round = 0; round < 12; ++round) {
    Problem p = random_problem(random, 4, 2 + static_cast<int64_t>(random.below(9)));
    const Doubles gradient = solve<double>(p).gradient;
    const Doubles differences = finite_differences(p.logits, [&] { return p.scale * solve<double>(p).sums.loss; });
    EXPECT_LE(gradient_error(gradient, differences), 1e-6);
  }
}

// What two equal predictions add is nothing: the cross-entropy of each.
TEST(ConsistentCrossEntropy, EqualPredictionsHaveTheirCrossEntropyOnly) {
  RandomStream random({223, 0, 0, 0});
  Problem p = random_problem(random, 7, 11);
  std::copy_n(p.logits.begin(), 77, p.logits.begin() + 77);
  const Answer<float> found = solve<float>(p);
  std::vector<float> alone(p.logits.begin(), p.logits.begin() + 77);
  const std::vector<float> bias(p.bias.begin(), p.bias.end());
  const CrossEntropySums once = cross_entropy(7, 11, alone.data(), bias.empty() ? nullptr : bias.data(),
                                              p.targets.data(), p.smoothing, p.convention, p.scale);
  EXPECT_NEAR(found.sums.loss, 2 * once.loss, 1e-5 * once.loss);
  for (size_t i = 0; i < 77; ++i) {
    EXPECT_NEAR(found.gradient[i], alone[i], 1e-6);
    EXPECT_NEAR(found.gradient[i + 77], alone[i], 1e-6);
  }
}

TEST(ConsistentCrossEntropy, ANotANumberReachesTheLoss) {
  RandomStream random({224, 0, 0, 0});
  Problem p = random_problem(random, 1, 40);
  p.targets = {3};
  for (const size_t at : {5u, 45u}) {
    Problem broken = p;
    broken.logits[at] = std::numeric_limits<double>::quiet_NaN();
    EXPECT_TRUE(std::isnan(solve<float>(broken).sums.loss)) << at;
  }
}

}  // namespace
}  // namespace heddle::kernels
