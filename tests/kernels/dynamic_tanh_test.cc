#include "heddle/kernels/dynamic_tanh.h"

#include <limits>

#include "tests/kernels/kernel_comparison.h"

namespace heddle::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

template <class T>
struct Answer {
  std::vector<T> y, dx, dgain, dalpha;
};

template <class T>
Answer<T> solve(int64_t rows, int64_t width, const Doubles& x, double alpha, const Doubles& gain, const Doubles& shift,
                const Doubles& dy) {
  const auto as = [](const Doubles& values) { return std::vector<T>(values.begin(), values.end()); };
  const std::vector<T> in = as(x), g = as(gain), s = as(shift), d = as(dy);
  Answer<T> a = {std::vector<T>(in.size()), std::vector<T>(in.size()), std::vector<T>(in.size()),
                 std::vector<T>(static_cast<size_t>(rows))};
  dynamic_tanh(rows, width, in.data(), static_cast<T>(alpha), g.data(), s.data(), a.y.data());
  dynamic_tanh_backward(rows, width, in.data(), static_cast<T>(alpha), g.data(), d.data(), a.dx.data(), a.dgain.data(),
                        a.dalpha.data());
  return a;
}

TEST(DynamicTanh, FastEqualsReferenceAtEveryLevel) {
  RandomStream random({17, 0, 0, 0});
  at_every_simd_level([&] {
    for (const int64_t width : kWidths)
      for (const int64_t rows : {int64_t{0}, int64_t{1}, 2 + static_cast<int64_t>(random.below(30))}) {
        const Doubles x = random_values(random, rows * width, 2), gain = random_values(random, width),
                      shift = random_values(random, width), dy = random_values(random, rows * width);
        const Answer<double> slow = solve<double>(rows, width, x, 0.75, gain, shift, dy);
        const Answer<float> fast = solve<float>(rows, width, x, 0.75, gain, shift, dy);
        EXPECT_LE(tensor_error(fast.y, slow.y), 1e-6) << rows << "x" << width;
        EXPECT_LE(gradient_error(fast.dx, slow.dx), 1e-5) << rows << "x" << width;
        EXPECT_LE(gradient_error(fast.dgain, slow.dgain), 1e-6) << rows << "x" << width;
        EXPECT_LE(gradient_error(fast.dalpha, slow.dalpha, 1.0), 1e-5) << rows << "x" << width;
      }
  });
}

// Each number by itself, by its own size: near zero tanh is its argument, far away it is ±1.
TEST(DynamicTanh, IsTheTanhOfEachNumber) {
  Floats x = {0.0f, -0.0f, kInfinity, -kInfinity, 1e-38f, 88.0f, -1e30f};
  RandomStream random({18, 0, 0, 0});
  while (x.size() < 4096) x.push_back(static_cast<float>(random.normal() * std::exp2(-30 + 40 * random.uniform())));
  const Floats ones(x.size(), 1.0f), zeros(x.size(), 0.0f);
  at_every_simd_level([&] {
    Floats y(x.size());
    dynamic_tanh(1, std::ssize(x), x.data(), 1.0f, ones.data(), zeros.data(), y.data());
    for (size_t i = 0; i < x.size(); ++i) {
      const double exact = std::tanh(static_cast<double>(x[i]));
      EXPECT_NEAR(static_cast<double>(y[i]), exact, 5e-7 * std::abs(exact) + 1e-38) << x[i];
    }
  });
}

TEST(DynamicTanh, WhatIsNoNumberStaysSo) {
  at_every_simd_level([&] {
    const Floats x(9, std::numeric_limits<float>::quiet_NaN()), ones(9, 1.0f);
    Floats y(9);
    dynamic_tanh(1, 9, x.data(), 0.5f, ones.data(), ones.data(), y.data());
    for (const float each : y) EXPECT_TRUE(std::isnan(each));
  });
}

}  // namespace
}  // namespace heddle::kernels
