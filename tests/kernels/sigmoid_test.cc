#include "heddle/kernels/sigmoid.h"

#include <limits>

#include "tests/kernels/kernel_comparison.h"

namespace heddle::kernels {
namespace {

TEST(Sigmoid, OfAllNumbers) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  Floats numbers = {0, -0.0f, 20, -20, 87, -87, 89, -89, 1e30f, -1e30f, kInfinity, -kInfinity};
  RandomStream random({20, 0, 0, 0});
  while (numbers.size() < 1003) numbers.push_back(static_cast<float>(random.normal() * 8));
  at_every_simd_level([&] {
    Floats x = numbers;
    sigmoids(x);
    for (size_t i = 0; i < x.size(); ++i) {
      const double exact = 1 / (1 + std::exp(-static_cast<double>(numbers[i])));
      EXPECT_NEAR(static_cast<double>(x[i]), exact, 5e-7 * exact + 1e-37) << numbers[i];
    }
  });
}

TEST(Sigmoid, WhatIsNoNumberStaysSo) {
  at_every_simd_level([&] {
    Floats x(21, std::numeric_limits<float>::quiet_NaN());
    sigmoids(x);
    for (const float each : x) EXPECT_TRUE(std::isnan(each));
  });
}

}  // namespace
}  // namespace heddle::kernels
