#include "heddle/kernels/embedding.h"

#include "tests/kernels/kernel_comparison.h"

namespace heddle::kernels {
namespace {

struct Problem {
  int64_t rows, width;
  std::vector<int32_t> ids;
  Doubles table, positions, g;
  DropoutRows dropped;
  double scale = 1.5;
};

Problem random_problem(RandomStream& random, int64_t rows, int64_t width, int64_t vocab) {
  Problem p{rows,
            width,
            {},
            random_values(random, vocab * width),
            {},
            random_values(random, rows * width),
            DropoutRows(random, rows, random.below(2) ? 0.3 : 0)};
  for (int64_t r = 0; r < rows; ++r) {
    p.ids.push_back(static_cast<int32_t>(random.below(static_cast<uint64_t>(vocab))));
    p.dropped.position[static_cast<size_t>(r)] = static_cast<int32_t>(random.below(6));
  }
  if (random.below(2)) p.positions = random_values(random, 6 * width);
  return p;
}

template <class T>
std::vector<T> gather(const Problem& p) {
  const std::vector<T> table(p.table.begin(), p.table.end()), positions(p.positions.begin(), p.positions.end());
  std::vector<T> y(p.g.size());
  embedding(p.rows, p.width, p.ids.data(), table.data(), static_cast<T>(p.scale), p.dropped.position.data(),
            positions.empty() ? nullptr : positions.data(), p.dropped.rule(), y.data());
  return y;
}

// The definition, row by row.
Doubles expected_rows(const Problem& p) {
  Doubles y;
  for (int64_t r = 0; r < p.rows; ++r)
    for (int64_t c = 0; c < p.width; ++c) {
      const auto row = static_cast<size_t>(r);
      double value = p.scale * p.table[static_cast<size_t>(p.ids[row] * p.width + c)];
      if (!p.positions.empty()) value += p.positions[static_cast<size_t>(p.dropped.position[row] * p.width + c)];
      y.push_back(value * static_cast<double>(p.dropped.rule().factor(r, c)));
    }
  return y;
}

TEST(Embedding, GathersByIdAtEveryLevel) {
  RandomStream random({31, 0, 0, 0});
  at_every_simd_level([&] {
    for (const int64_t width : kWidths)
      for (const int64_t rows : {0, 1, 40}) {
        const Problem p = random_problem(random, rows, width, 1 + static_cast<int64_t>(random.below(20)));
        EXPECT_LE(tensor_error(gather<double>(p), expected_rows(p)), 1e-12) << rows << "x" << width;
        EXPECT_LE(tensor_error(gather<float>(p), expected_rows(p)), 1e-5) << rows << "x" << width;
      }
  });
}

TEST(Embedding, AddsRowsOfTheSameIdUp) {
  RandomStream random({32, 0, 0, 0});
  for (const int64_t width : kWidths)
    for (const int64_t rows : {0, 1, 40, 400}) {
      const int64_t vocab = 1 + static_cast<int64_t>(random.below(5));
      const Problem p = random_problem(random, rows, width, vocab);
      Doubles expected = p.table, slow = p.table;
      Floats fast = narrow(p.table);
      for (int64_t i = 0; i < rows * width; ++i)
        expected[static_cast<size_t>(p.ids[static_cast<size_t>(i / width)] * width + i % width)] +=
            p.scale * p.g[static_cast<size_t>(i)];
      add_rows_by_id(rows, width, p.ids.data(), p.scale, p.g.data(), slow.data());
      add_rows_by_id(rows, width, p.ids.data(), static_cast<float>(p.scale), narrow(p.g).data(), fast.data());
      EXPECT_LE(gradient_error(slow, expected), 1e-12) << rows << "x" << width;
      EXPECT_LE(gradient_error(fast, expected), 1e-5) << rows << "x" << width;
    }
}

TEST(Embedding, ScatterAddIsTheGradientOfTheGather) {
  RandomStream random({33, 0, 0, 0});
  Problem p = random_problem(random, 12, 5, 4);
  p.dropped.probability = 0;
  Doubles gradient(p.table.size());
  add_rows_by_id(p.rows, p.width, p.ids.data(), p.scale, p.g.data(), gradient.data());
  EXPECT_LE(gradient_error(gradient, finite_differences(p.table, [&] { return dot(gather<double>(p), p.g); })), 1e-6);
}

}  // namespace
}  // namespace heddle::kernels
