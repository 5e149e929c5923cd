#include "heddle/kernels/norm.h"

#include "tests/kernels/kernel_comparison.h"

namespace heddle::kernels {
namespace {

constexpr NormKind kKinds[] = {NormKind::layer, NormKind::rms};
constexpr double kEpsilon = 1e-5;

struct Problem {
  NormKind kind;
  int64_t rows, width;
  Doubles s, gain, shift, dy, ds;  // ds: what is there before an accumulating backward
};

Problem random_problem(RandomStream& random, NormKind kind, int64_t rows, int64_t width, double offset = 0) {
  Problem p{kind,
            rows,
            width,
            random_values(random, rows * width, 1, offset),
            random_values(random, width),
            {},
            random_values(random, rows * width),
            {}};
  if (random.below(2)) p.shift = random_values(random, width);
  if (random.below(2)) p.ds = random_values(random, rows * width);
  return p;
}

template <class T>
struct Answer {
  std::vector<T> y, mean, rstd, ds, dgain, dshift;
};

template <class T>
Answer<T> solve(const Problem& p) {
  const auto as = [](const Doubles& values) { return std::vector<T>(values.begin(), values.end()); };
  const std::vector<T> s = as(p.s), gain = as(p.gain), shift = as(p.shift), dy = as(p.dy);
  const auto rows = static_cast<size_t>(p.rows), width = static_cast<size_t>(p.width);
  Answer<T> a = {std::vector<T>(s.size()), std::vector<T>(rows),          std::vector<T>(rows), as(p.ds),
                 std::vector<T>(width),    std::vector<T>(p.shift.size())};
  a.ds.resize(s.size());
  norm(p.kind, p.rows, p.width, s.data(), gain.data(), shift.empty() ? nullptr : shift.data(), static_cast<T>(kEpsilon),
       a.y.data(), a.mean.data(), a.rstd.data());
  norm_backward(p.kind, p.rows, p.width, s.data(), gain.data(), a.mean.data(), a.rstd.data(), dy.data(), a.ds.data(),
                !p.ds.empty());
  norm_parameter_gradients(p.rows, p.width, s.data(), a.mean.data(), a.rstd.data(), dy.data(), a.dgain.data(),
                           shift.empty() ? nullptr : a.dshift.data());
  return a;
}

void expect_equal(const Problem& p) {
  const Answer<double> slow = solve<double>(p);
  const Answer<float> fast = solve<float>(p);
  EXPECT_LE(tensor_error(fast.y, slow.y), 1e-5) << p.rows << "x" << p.width;
  EXPECT_LE(tensor_error(fast.mean, slow.mean), 1e-5) << p.rows << "x" << p.width;
  EXPECT_LE(tensor_error(fast.rstd, slow.rstd), 1e-5) << p.rows << "x" << p.width;
  // A row of one or two numbers has almost no gradient: terms of size rstd cancel.
  EXPECT_LE(gradient_error(fast.ds, slow.ds, 1.0), 1e-5) << p.rows << "x" << p.width;
  EXPECT_LE(gradient_error(fast.dgain, slow.dgain), 1e-5) << p.rows << "x" << p.width;
  EXPECT_LE(gradient_error(fast.dshift, slow.dshift), 1e-5) << p.rows << "x" << p.width;
}

TEST(Norm, FastEqualsReferenceAtEveryLevel) {
  RandomStream random({11, 0, 0, 0});
  at_every_simd_level([&] {
    for (const NormKind kind : kKinds)
      for (const int64_t width : kWidths)
        for (const int64_t rows : {int64_t{0}, int64_t{1}, 2 + static_cast<int64_t>(random.below(30))}) {
          if (width < 3 && rows > 1 && kind == NormKind::layer) continue;  // see ALayerOfOneOrTwoNumbersIsTheirSign
          expect_equal(random_problem(random, kind, rows, width));
        }
  });
}

// With two numbers a row is ±1 whatever they are: only their distance to ε is left of the gradient.
TEST(Norm, ALayerOfOneOrTwoNumbersIsTheirSign) {
  at_every_simd_level([&] {
    const float s[] = {5, 1, 2, 8}, gain[] = {1, 1}, shift[] = {0.5f, 0.5f};
    float y[4], mean[4], rstd[4];
    norm(NormKind::layer, 2, 2, s, gain, shift, 1e-9f, y, mean, rstd);
    for (int i = 0; i < 4; ++i) EXPECT_NEAR(y[i], i == 0 || i == 3 ? 1.5f : -0.5f, 1e-6f);
    norm(NormKind::layer, 4, 1, s, gain, shift, 1e-9f, y, mean, rstd);
    for (float value : y) EXPECT_EQ(value, 0.5f);
  });
}

TEST(Norm, RowsFarFromZeroKeepTheirDigits) {
  RandomStream random({12, 0, 0, 0});
  at_every_simd_level([&] {
    for (const int64_t width : {17, 128, 1030}) expect_equal(random_problem(random, NormKind::layer, 9, width, 50));
  });
}

TEST(Norm, ARowOfEqualValuesGivesTheShift) {
  at_every_simd_level([&] {
    for (const float value : {0.0f, 0.1f, -3.3f, 1e6f}) {
      const int64_t width = 37;
      const Floats s(width, value), gain(width, 2.0f), shift(width, 0.25f), dy(width, 1.0f);
      Floats y(width), mean(1), rstd(1), ds(width);
      norm(NormKind::layer, 1, width, s.data(), gain.data(), shift.data(), 1e-5f, y.data(), mean.data(), rstd.data());
      norm_backward(NormKind::layer, 1, width, s.data(), gain.data(), mean.data(), rstd.data(), dy.data(), ds.data(),
                    false);
      for (const float out : y) EXPECT_NEAR(out, 0.25f, 1e-3f) << value;
      for (const float out : ds) EXPECT_NEAR(out, 0.0f, 1e-2f) << value;
    }
  });
}

TEST(Norm, ReferenceGradientsEqualFiniteDifferences) {
  RandomStream random({13, 0, 0, 0});
  for (const NormKind kind : kKinds)
    for (const int64_t width : {1, 2, 3, 10}) {
      Problem p = random_problem(random, kind, 4, width);
      p.ds.clear();
      p.shift = random_values(random, width);
      const Answer<double> answer = solve<double>(p);
      const auto loss = [&] { return dot(solve<double>(p).y, p.dy); };
      // Rows of one or two numbers have next to no gradient; the differences' rounding is about
      // 1e-10.
      EXPECT_LE(gradient_error(answer.ds, finite_differences(p.s, loss), 1e-2), 1e-6) << width;
      EXPECT_LE(gradient_error(answer.dgain, finite_differences(p.gain, loss), 1e-2), 1e-6) << width;
      EXPECT_LE(gradient_error(answer.dshift, finite_differences(p.shift, loss)), 1e-6) << width;
    }
}

TEST(Norm, ResidualSumEqualsReferenceAtEveryLevel) {
  RandomStream random({14, 0, 0, 0});
  at_every_simd_level([&] {
    for (const int64_t width : kWidths) {
      const auto rows = static_cast<int64_t>(random.below(40));
      const Doubles x = random_values(random, rows * width), bias = random_values(random, width),
                    residual = random_values(random, rows * width);
      const DropoutRows dropped(random, rows, random.below(2) ? 0.25 : 0);
      const bool with_bias = random.below(2), with_residual = random.below(2);
      Doubles slow(x.size());
      Floats fast = narrow(x);  // in place, as the header allows
      residual_sum(rows, width, x.data(), with_bias ? bias.data() : nullptr, with_residual ? residual.data() : nullptr,
                   dropped.rule(), slow.data());
      residual_sum(rows, width, fast.data(), with_bias ? narrow(bias).data() : nullptr,
                   with_residual ? narrow(residual).data() : nullptr, dropped.rule(), fast.data());
      EXPECT_LE(tensor_error(fast, slow), 1e-5) << rows << "x" << width;
      // The definition, element by element.
      for (int64_t i = 0; i < rows * width; ++i) {
        const auto at = static_cast<size_t>(i);
        const double factor = static_cast<double>(dropped.rule().factor(i / width, i % width));
        const double branch = x[at] + (with_bias ? bias[static_cast<size_t>(i % width)] : 0);
        ASSERT_NEAR(slow[at], branch * factor + (with_residual ? residual[at] : 0), 1e-12);
      }
    }
  });
}

}  // namespace
}  // namespace heddle::kernels
