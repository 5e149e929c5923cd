#include "heddle/kernels/row_products.h"

#include <limits>

#include "tests/kernels/kernel_comparison.h"

namespace heddle::kernels {
namespace {

// Some rows, in an order that is not theirs in memory, one of them twice, with room between them that nobody may touch.
template <class T>
struct Answer {
  std::vector<T> products, row, rows;
};

template <class T>
Answer<T> solve(const Doubles& row, const Doubles& rows, const Doubles& weights, const std::vector<int64_t>& places) {
  const auto as = [](const Doubles& values) { return std::vector<T>(values.begin(), values.end()); };
  Answer<T> a = {std::vector<T>(places.size()), as(row), as(rows)};
  const std::vector<T> from = as(row), read = as(rows), w = as(weights);
  std::vector<const T*> sources;
  std::vector<T*> targets;
  for (const int64_t place : places) {
    sources.push_back(read.data() + place);
    targets.push_back(a.rows.data() + place);
  }
  row_products(from, sources, T{0.5}, a.products.data());
  add_weighted_rows(w.data(), sources, a.row);
  add_to_rows(w.data(), from, targets);
  return a;
}

TEST(RowProducts, FastEqualsReferenceAtEveryLevel) {
  RandomStream random({19, 0, 0, 0});
  at_every_simd_level([&] {
    for (const int64_t width : kWidths)
      for (const int64_t count : {0, 1, 2, 3, 4, 5, 9}) {
        const int64_t stride = width + 3;
        const Doubles row = random_values(random, width), rows = random_values(random, (count + 1) * stride),
                      weights = random_values(random, count);
        std::vector<int64_t> places;
        for (int64_t i = 0; i < count; ++i) places.push_back((i == 1 ? count : count - i) * stride);
        const Answer<double> slow = solve<double>(row, rows, weights, places);
        const Answer<float> fast = solve<float>(row, rows, weights, places);
        EXPECT_LE(gradient_error(fast.products, slow.products, 1.0), 1e-5) << count << "x" << width;
        EXPECT_LE(tensor_error(fast.row, slow.row), 1e-5) << count << "x" << width;
        EXPECT_LE(tensor_error(fast.rows, slow.rows), 1e-6) << count << "x" << width;
      }
  });
}

TEST(RowProducts, SigmoidsOfAllNumbers) {
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

TEST(RowProducts, WhatIsNoNumberStaysSo) {
  at_every_simd_level([&] {
    Floats x(21, std::numeric_limits<float>::quiet_NaN());
    sigmoids(x);
    for (const float each : x) EXPECT_TRUE(std::isnan(each));
  });
}

}  // namespace
}  // namespace heddle::kernels
