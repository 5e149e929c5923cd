#include "heddle/kernels/packed_weight.h"

#include <limits>

#include "heddle/kernels/matmul.h"
#include "tests/kernels/kernel_comparison.h"

namespace heddle::kernels {
namespace {

TEST(PackedWeight, EqualsTheTripleLoop) {
  RandomStream random({71, 0, 0, 0});
  for (const auto& [n, k] : {std::pair<int64_t, int64_t>{1, 1}, {3, 5}, {16, 64}, {17, 33}, {129, 40}, {300, 128}}) {
    const int64_t stride = k + 3;
    const Doubles weight = random_values(random, n * stride);
    const PackedWeight packed(narrow(weight).data(), n, k, stride);
    for (const int64_t m : {1, 2, 4, 8, 24, 64, 96, 320}) {
      ASSERT_EQ(PackedWeight::bucket(m), m);
      const Doubles x = random_values(random, m * k);
      Doubles slow(static_cast<size_t>(m * n));
      Floats fast(static_cast<size_t>(m * n));
      matmul({.m = m, .n = n, .k = k, .transpose_b = true, .lda = k, .ldb = stride, .ldc = n}, x.data(), weight.data(),
             slow.data());
      packed.product(m, narrow(x).data(), fast.data());
      EXPECT_LE(tensor_error(fast, slow), 1e-5) << m << "x" << n << "x" << k;
    }
  }
}

TEST(PackedWeight, BucketsHoldEveryRowCount) {
  for (int64_t m = 1; m <= PackedWeight::kMostRows; ++m) {
    const int64_t bucket = PackedWeight::bucket(m);
    EXPECT_GE(bucket, m);
    EXPECT_EQ(PackedWeight::bucket(bucket), bucket);
    EXPECT_LE(bucket - m, std::max<int64_t>(8, m / 2));
  }
  EXPECT_EQ(PackedWeight::bucket(PackedWeight::kMostRows + 1), 0);
}

// Whatever stands in the rows that fill a bucket up, the others do not feel it.
TEST(PackedWeight, RowsDependOnThemselvesOnly) {
  RandomStream random({72, 0, 0, 0});
  const int64_t n = 40, k = 24;
  const PackedWeight packed(narrow(random_values(random, n * k)).data(), n, k, k);
  Floats x = narrow(random_values(random, 16 * k)), y(16 * n), again(16 * n);
  packed.product(16, x.data(), y.data());
  for (size_t i = 11 * static_cast<size_t>(k); i < x.size(); ++i) x[i] = std::numeric_limits<float>::quiet_NaN();
  packed.product(16, x.data(), again.data());
  for (size_t i = 0; i < 11 * static_cast<size_t>(n); ++i) EXPECT_EQ(y[i], again[i]);
}

}  // namespace
}  // namespace heddle::kernels
