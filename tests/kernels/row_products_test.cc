#include "heddle/kernels/row_products.h"

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

}  // namespace
}  // namespace heddle::kernels
