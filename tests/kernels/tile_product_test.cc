#include "heddle/kernels/tile_product.h"

#include "tests/kernels/kernel_comparison.h"

namespace heddle::kernels {
namespace {

// A [m, k], or the transposed of what lies there; between the rows of C there is room that nobody may touch.
template <class T>
std::vector<T> solve(int64_t m, int64_t n, int64_t k, const Doubles& a, const Doubles& b, const Doubles& c,
                     bool transposed, bool accumulate) {
  const std::vector<T> left(a.begin(), a.end()), right(b.begin(), b.end());
  std::vector<T> result(c.begin(), c.end());
  tile_product(TileProduct<T>{m, n, k, left.data(), transposed ? 1 : k, transposed ? m : 1, right.data(), n + 2,
                              result.data(), n + 3, accumulate});
  return result;
}

TEST(TileProduct, FastEqualsReferenceAtEveryLevel) {
  RandomStream random({29, 0, 0, 0});
  at_every_simd_level([&] {
    for (const int64_t n : {1, 3, 8, 15, 16, 17, 40, 80})
      for (const int64_t m : {1, 5, 16, 31})
        for (const int64_t k : {0, 1, 17}) {
          const Doubles a = random_values(random, m * k), b = random_values(random, k * (n + 2)),
                        c = random_values(random, m * (n + 3));
          for (const bool transposed : {false, true})
            for (const bool accumulate : {false, true})
              EXPECT_LE(tensor_error(solve<float>(m, n, k, a, b, c, transposed, accumulate),
                                     solve<double>(m, n, k, a, b, c, transposed, accumulate)),
                        2e-6)
                  << m << "x" << n << "x" << k;
        }
  });
}

TEST(TileProduct, IsItsDefinition) {
  const Doubles a = {1, 2, 3, 4, 5, 6}, b = {1, -1, 0, 0, 2, 1, 0, 0, 0, 3, 0, 0}, none(10, 0.5);
  // [1 2 3; 4 5 6]·[1 -1; 2 1; 0 3]
  EXPECT_EQ(solve<double>(2, 2, 3, a, b, none, false, false), (Doubles{5, 10, 0.5, 0.5, 0.5, 14, 19, 0.5, 0.5, 0.5}));
  EXPECT_EQ(solve<double>(2, 2, 3, a, b, none, false, true),
            (Doubles{5.5, 10.5, 0.5, 0.5, 0.5, 14.5, 19.5, 0.5, 0.5, 0.5}));
}

}  // namespace
}  // namespace heddle::kernels
