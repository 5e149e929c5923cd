#include "heddle/kernels/matmul.h"

#include <fmt/format.h>
#include "tests/kernels/kernel_comparison.h"

namespace heddle::kernels {
namespace {

// A random product; rows are longer than they need be, and what lies beyond must stay.
struct Problem {
  MatmulShape shape;
  Doubles a, b, c;
};

Problem random_problem(RandomStream& random, int64_t m, int64_t n, int64_t k) {
  MatmulShape s{m, n, k};
  s.transpose_a = random.below(2);
  s.transpose_b = random.below(2);
  s.accumulate = random.below(2);
  const auto gap = [&] { return static_cast<int64_t>(random.below(2) * random.below(7)); };
  s.lda = std::max<int64_t>(1, (s.transpose_a ? m : k) + gap());
  s.ldb = std::max<int64_t>(1, (s.transpose_b ? k : n) + gap());
  s.ldc = n + gap();
  return {s, random_values(random, (s.transpose_a ? k : m) * s.lda),
          random_values(random, (s.transpose_b ? n : k) * s.ldb), random_values(random, m * s.ldc)};
}

int64_t random_size(RandomStream& random) {
  const int64_t sizes[] = {1, 2, 3, 8, 17, 33, 64, 129};
  return sizes[random.below(8)];
}

std::vector<bf16> to_bf16(const Doubles& values) {
  std::vector<bf16> result;
  for (const double value : values) result.emplace_back(static_cast<float>(value));
  return result;
}

std::string text(const MatmulShape& s) {
  return fmt::format("{}x{}x{} {}{} {}", s.m, s.n, s.k, s.transpose_a ? "T" : "N", s.transpose_b ? "T" : "N",
                     s.accumulate ? "+=" : "=");
}

TEST(Matmul, F32AndBf16EqualTheTripleLoop) {
  RandomStream random({61, 0, 0, 0});
  for (int round = 0; round < 150; ++round) {
    const Problem p = random_problem(random, random_size(random), random_size(random), random_size(random));
    Doubles slow = p.c;
    Floats fast = narrow(p.c), half = narrow(p.c);
    matmul(p.shape, p.a.data(), p.b.data(), slow.data());
    matmul(p.shape, narrow(p.a).data(), narrow(p.b).data(), fast.data());
    matmul(p.shape, to_bf16(p.a).data(), to_bf16(p.b).data(), half.data());
    EXPECT_LE(tensor_error(fast, slow), 1e-5) << text(p.shape);
    EXPECT_LE(tensor_error(half, slow), 2e-2) << text(p.shape);
  }
}

// Where bf16 holds every number, the product differs from the triple loop by its f32 sums only.
TEST(Matmul, Bf16SumsInF32) {
  RandomStream random({62, 0, 0, 0});
  for (int round = 0; round < 20; ++round) {
    Problem p = random_problem(random, random_size(random), random_size(random), 300);
    for (Doubles* values : {&p.a, &p.b})
      for (double& x : *values) x = static_cast<double>(static_cast<float>(bf16(static_cast<float>(x))));
    Doubles slow = p.c;
    Floats half = narrow(p.c);
    matmul(p.shape, p.a.data(), p.b.data(), slow.data());
    matmul(p.shape, to_bf16(p.a).data(), to_bf16(p.b).data(), half.data());
    EXPECT_LE(tensor_error(half, slow), 1e-5) << text(p.shape);
  }
}

TEST(Matmul, EmptyProductsAreZeroOrWhatWasThere) {
  RandomStream random({63, 0, 0, 0});
  for (const auto& [m, n, k] : {std::array<int64_t, 3>{0, 3, 4}, {3, 0, 4}, {3, 4, 0}, {0, 0, 0}, {1, 1, 0}, {5, 0, 0}})
    for (int round = 0; round < 8; ++round) {
      const Problem p = random_problem(random, m, n, k);
      Doubles slow = p.c;
      Floats fast = narrow(p.c), half = narrow(p.c);
      matmul(p.shape, p.a.data(), p.b.data(), slow.data());
      matmul(p.shape, narrow(p.a).data(), narrow(p.b).data(), fast.data());
      matmul(p.shape, to_bf16(p.a).data(), to_bf16(p.b).data(), half.data());
      EXPECT_EQ(widen(fast), slow) << text(p.shape);
      EXPECT_EQ(widen(half), slow) << text(p.shape);
    }
}

TEST(Matmul, TheTripleLoopIsTheDefinition) {
  const double a[] = {1, 2, 3, 4, 5, 6}, b[] = {1, 0, 2, 1, 0, 3};  // [2,3]·[3,2]
  double c[] = {100, 100, 100, 100};
  matmul({2, 2, 3, false, false, 3, 2, 2, false}, a, b, c);
  EXPECT_EQ(Doubles(c, c + 4), (Doubles{5, 11, 14, 23}));
  matmul({2, 2, 3, true, true, 2, 3, 2, true}, a, b, c);  // [3,2]ᵀ·[2,3]ᵀ, added
  EXPECT_EQ(Doubles(c, c + 4), (Doubles{5 + 11, 11 + 16, 14 + 14, 23 + 20}));
}

// More shapes than primitives are kept, so that old ones are replaced and made again.
TEST(Matmul, ManyShapesInTurnStayRight) {
  for (int round = 0; round < 2; ++round)
    for (int64_t m = 1; m <= 30; ++m)
      for (int64_t n = 1; n <= 20; ++n) {
        const Floats a(static_cast<size_t>(m), 2.0f), b(static_cast<size_t>(n), 3.0f);
        Floats c(static_cast<size_t>(m * n), -1.0f);
        matmul({m, n, 1, false, false, 1, n, n, false}, to_bf16(widen(a)).data(), to_bf16(widen(b)).data(), c.data());
        ASSERT_EQ(c, Floats(c.size(), 6.0f)) << m << "x" << n;
      }
}

TEST(Matmul, TheLibraryNamesItself) { EXPECT_EQ(product_library().substr(0, 7), "oneDNN "); }

}  // namespace
}  // namespace heddle::kernels
