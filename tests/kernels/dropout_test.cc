#include "heddle/kernels/dropout.h"

#include "heddle/kernels/activation.h"
#include "heddle/kernels/norm.h"
#include "tests/kernels/kernel_comparison.h"

namespace heddle::kernels {
namespace {

TEST(Dropout, VectorsDrawWhatTheDefinitionDraws) {
  RandomStream random({51, 0, 0, 0});
  at_every_simd_level([&] {
    for (const int64_t width : kWidths)
      for (const double p : {0.001, 0.1, 0.5, 1.0}) {
        const DropoutRows rows(random, 3, p);
        const uint64_t key = random.next64();
        const Dropout rule = rows.rule(key);
        const int64_t first = 8 * static_cast<int64_t>(random.below(50));
        Floats factors(static_cast<size_t>(width)), part(static_cast<size_t>(width));
        for (int64_t r = 0; r < 3; ++r) {
          dropout_factors(rule, r, width, factors.data());
          dropout_factors(key, rule.example[r], rule.position[r], rule.threshold, rule.scale, first, width,
                          part.data());
          for (int64_t c = 0; c < width; ++c) {
            ASSERT_EQ(factors[static_cast<size_t>(c)], rule.factor(r, c)) << width << " column " << c;
            ASSERT_EQ(part[static_cast<size_t>(c)], rule.factor(r, first + c)) << width << " column " << first + c;
          }
        }
      }
  });
}

TEST(Dropout, TheMaskDependsOnKeyExampleAndPositionOnly) {
  const int64_t width = 64;
  const auto mask = [&](uint64_t key, int64_t example, int32_t position) {
    Floats factors(width);
    dropout_factors({key, drop_threshold(0.5), 2, &example, &position}, 0, width, factors.data());
    return factors;
  };
  const int64_t far = int64_t{5} << 32;  // an example number beyond 32 bits
  EXPECT_EQ(mask(7, 3, 9), mask(7, 3, 9));
  EXPECT_NE(mask(7, 3, 9), mask(8, 3, 9));
  EXPECT_NE(mask(7, 3, 9), mask(7 + far, 3, 9));
  EXPECT_NE(mask(7, 3, 9), mask(7, 4, 9));
  EXPECT_NE(mask(7, 3, 9), mask(7, 3 + far, 9));
  EXPECT_NE(mask(7, 3, 9), mask(7, 3, 10));
  // The row's place in the matrix has no part.
  const int64_t examples[] = {1, 2, 3};
  const int32_t positions[] = {5, 6, 9};
  const Dropout rule = {7, drop_threshold(0.5), 2, examples, positions};
  Floats third(width);
  dropout_factors(rule, 2, width, third.data());
  EXPECT_EQ(third, mask(7, 3, 9));
  dropout_factors(rule.from_row(1), 1, width, third.data());
  EXPECT_EQ(third, mask(7, 3, 9));
}

TEST(Dropout, TheKeepRateIsRight) {
  RandomStream random({52, 0, 0, 0});
  for (const double p : {0.01, 0.1, 0.3, 0.5, 0.9}) {
    const int64_t rows = 400, width = 1000;
    const DropoutRows dropped(random, rows, p);
    Floats factors(width);
    int64_t kept = 0;
    double sum = 0;
    for (int64_t r = 0; r < rows; ++r) {
      dropout_factors(dropped.rule(), r, width, factors.data());
      for (const float factor : factors) kept += factor != 0, sum += static_cast<double>(factor);
    }
    const auto n = static_cast<double>(rows * width);
    const double deviation = std::sqrt(p * (1 - p) / n);
    EXPECT_NEAR(static_cast<double>(kept) / n, 1 - p, 4 * deviation) << p;
    EXPECT_NEAR(sum / n, 1, 4 * deviation / (1 - p)) << "kept elements are scaled up: " << p;
  }
}

TEST(Dropout, NeighboursAreIndependent) {
  RandomStream random({53, 0, 0, 0});
  const int64_t rows = 300, width = 512;
  const DropoutRows dropped(random, rows, 0.5);
  std::vector<Floats> masks(rows, Floats(width));
  for (int64_t r = 0; r < rows; ++r) dropout_factors(dropped.rule(), r, width, masks[static_cast<size_t>(r)].data());
  for (const size_t step : {1, 2, 7, 8, 16, 128}) {
    int64_t equal = 0, pairs = 0;
    for (const Floats& mask : masks)
      for (size_t c = 0; c + step < mask.size(); ++c, ++pairs) equal += mask[c] == mask[c + step];
    EXPECT_NEAR(static_cast<double>(equal) / static_cast<double>(pairs), 0.5, 0.006) << "columns apart: " << step;
  }
}

TEST(Dropout, ForwardAndBackwardDropTheSame) {
  RandomStream random({54, 0, 0, 0});
  at_every_simd_level([&] {
    for (const int64_t width : kWidths) {
      const int64_t rows = 4;
      const DropoutRows dropped(random, rows, 0.4);
      const Floats ones(static_cast<size_t>(rows * width), 1.0f);
      Floats forward(ones.size()), backward(ones.size()), summed(ones.size());
      bias_activation(Activation::relu, rows, width, ones.data(), nullptr, dropped.rule(), forward.data());
      bias_activation_backward(Activation::relu, rows, width, ones.data(), nullptr, dropped.rule(), ones.data(),
                               backward.data());
      residual_sum(rows, width, ones.data(), nullptr, nullptr, dropped.rule(), summed.data());
      EXPECT_EQ(forward, backward);
      EXPECT_EQ(forward, summed);
    }
  });
}

TEST(Dropout, WithoutAProbabilityNothingIsTouched) {
  const Dropout none;
  EXPECT_FALSE(none.active());
  EXPECT_EQ(none.factor(3, 4), 1.0f);
  EXPECT_FALSE(none.from_row(5).active());
}

}  // namespace
}  // namespace heddle::kernels
