#include "heddle/kernels/activation.h"

#include <limits>

#include "tests/kernels/kernel_comparison.h"

namespace heddle::kernels {
namespace {

constexpr Activation kActivations[] = {Activation::none, Activation::relu,      Activation::squared_relu,
                                       Activation::gelu, Activation::gelu_tanh, Activation::silu};

template <class T>
struct Result {
  std::vector<T> y, dx;
};

template <class T>
Result<T> solve(Activation activation, int64_t rows, int64_t width, const std::vector<T>& x, const std::vector<T>& bias,
                const Dropout& dropout, const std::vector<T>& dy) {
  Result<T> result = {std::vector<T>(x.size()), std::vector<T>(x.size())};
  const T* b = bias.empty() ? nullptr : bias.data();
  bias_activation(activation, rows, width, x.data(), b, dropout, result.y.data());
  bias_activation_backward(activation, rows, width, x.data(), b, dropout, dy.data(), result.dx.data());
  return result;
}

TEST(Activation, FastEqualsReferenceAtEveryLevel) {
  RandomStream random({1, 0, 0, 0});
  at_every_simd_level([&] {
    for (const Activation activation : kActivations)
      for (const int64_t width : kWidths) {
        const int64_t rows = width == 1030 ? 40 : static_cast<int64_t>(random.below(6));
        const Doubles x = random_values(random, rows * width, 2);
        const Doubles dy = random_values(random, rows * width);
        const Doubles bias = random_values(random, random.below(3) ? width : 0);
        const DropoutRows dropped(random, rows, random.below(2) ? 0.3 : 0);
        const auto slow = solve(activation, rows, width, x, bias, dropped.rule(), dy);
        const auto fast = solve(activation, rows, width, narrow(x), narrow(bias), dropped.rule(), narrow(dy));
        EXPECT_LE(tensor_error(fast.y, slow.y), 1e-5) << rows << "x" << width;
        EXPECT_LE(gradient_error(fast.dx, slow.dx), 1e-5) << rows << "x" << width;
      }
  });
}

TEST(Activation, ReferenceGradientEqualsFiniteDifferences) {
  RandomStream random({2, 0, 0, 0});
  for (const Activation activation : kActivations)
    for (const double p : {0.0, 0.4}) {
      const int64_t rows = 5, width = 9;
      Doubles x = random_values(random, rows * width, 2);
      const Doubles bias = random_values(random, width), dy = random_values(random, rows * width);
      const DropoutRows dropped(random, rows, p);
      const auto at = [&] { return solve(activation, rows, width, x, bias, dropped.rule(), dy); };
      const Doubles gradient = at().dx;
      EXPECT_LE(gradient_error(gradient, finite_differences(x, [&] { return dot(at().y, dy); })), 1e-6);
    }
}

TEST(Activation, InPlaceIsTheSame) {
  RandomStream random({3, 0, 0, 0});
  const int64_t rows = 3, width = 21;
  const Floats x = narrow(random_values(random, rows * width)), dy = narrow(random_values(random, rows * width));
  for (const Activation activation : kActivations) {
    const auto apart = solve(activation, rows, width, x, {}, {}, dy);
    Floats y = x, dx = dy;
    bias_activation(activation, rows, width, y.data(), nullptr, {}, y.data());
    bias_activation_backward(activation, rows, width, x.data(), nullptr, {}, dx.data(), dx.data());
    EXPECT_EQ(y, apart.y);
    EXPECT_EQ(dx, apart.dx);
  }
}

TEST(Activation, FarFromZeroNothingOverflows) {
  const Doubles far = {-3e38, -1e20, -1e9, -1000, -100, -88, -0.0, 0, 88, 100, 1000, 1e9, 1e20, 3e38, 1, -1, 2};
  const Doubles x = widen(narrow(far)), ones(far.size(), 1.0);
  const auto width = static_cast<int64_t>(far.size());
  at_every_simd_level([&] {
    for (const Activation activation : kActivations) {
      const auto fast = solve(activation, 1, width, narrow(x), {}, {}, Floats(far.size(), 1.0f));
      for (size_t i = 0; i < far.size(); ++i) {
        // Far out every activation is the line y = x, or its square; on the left zero.
        if (std::abs(x[i]) < 80) continue;
        const bool squared = activation == Activation::squared_relu;
        if (squared && x[i] > 1e18) continue;  // its square leaves float's range
        const double side = x[i] > 0 || activation == Activation::none ? 1 : 0;
        const double y = side * (squared ? x[i] * x[i] : x[i]), slope = side * (squared ? 2 * x[i] : 1);
        EXPECT_NEAR(static_cast<double>(fast.dx[i]), slope, 1e-5 + slope * 1e-6) << int(activation) << " at " << x[i];
        EXPECT_NEAR(static_cast<double>(fast.y[i]), y, std::abs(x[i]) * 1e-6 + std::abs(y) * 1e-6)
            << int(activation) << " at " << x[i];
      }
    }
  });
}

// A NaN that relu turned into zero would hide a broken weight behind a finite loss.
TEST(Activation, ANotANumberStaysOne) {
  const int64_t width = 19;
  at_every_simd_level([&] {
    for (const Activation activation : kActivations) {
      const Floats x(width, std::numeric_limits<float>::quiet_NaN());
      Floats y(width);
      Doubles slow(width);
      bias_activation(activation, 1, width, x.data(), nullptr, {}, y.data());
      bias_activation(activation, 1, width, widen(x).data(), nullptr, {}, slow.data());
      for (int64_t c = 0; c < width; ++c) {
        EXPECT_TRUE(std::isnan(y[static_cast<size_t>(c)])) << int(activation) << " column " << c;
        EXPECT_TRUE(std::isnan(slow[static_cast<size_t>(c)])) << int(activation);
      }
    }
  });
}

TEST(Activation, RowSumsAreAdded) {
  RandomStream random({4, 0, 0, 0});
  at_every_simd_level([&] {
    for (const int64_t width : kWidths)
      for (const int64_t rows : {0, 1, 2, 7, 300}) {
        const Doubles x = random_values(random, rows * width), start = random_values(random, width);
        Doubles expected = start;
        for (int64_t i = 0; i < rows * width; ++i)
          expected[static_cast<size_t>(i % width)] += x[static_cast<size_t>(i)];
        Floats sums = narrow(start);
        Doubles slow = start;
        add_row_sums(rows, width, narrow(x).data(), sums.data());
        add_row_sums(rows, width, x.data(), slow.data());
        EXPECT_LE(gradient_error(sums, expected), 1e-5) << rows << "x" << width;
        EXPECT_LE(gradient_error(slow, expected), 1e-12);
      }
  });
}

}  // namespace
}  // namespace heddle::kernels
