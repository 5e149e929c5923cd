#include "heddle/kernels/simd.h"

#include <gtest/gtest.h>

#include <set>

#include "heddle/base/error.h"
#include "heddle/kernels/optimizer.h"
#include "tests/kernels/kernel_comparison.h"

namespace heddle::kernels {
namespace {

TEST(Simd, ALevelIsAnUpperBound) {
  const std::string best = simd_level();
  set_simd_level("SSE4");
  EXPECT_EQ(simd_level(), "SSE4") << "every processor that this is built for has SSE4";
  set_simd_level(best);
  EXPECT_EQ(simd_level(), best) << "the bound rises again";
  if (best != "SSE4") {
    set_simd_level("AVX2");
    EXPECT_EQ(simd_level(), "AVX2");
  }
  set_simd_level(best);
  EXPECT_EQ(simd_level(), best);
}

TEST(Simd, AnUnknownLevelIsRefusedAndChangesNothing) {
  const std::string best = simd_level();
  EXPECT_THROW(set_simd_level("AVX9000"), InputError);
  EXPECT_THROW(set_simd_level(""), InputError);
  EXPECT_EQ(simd_level(), best);
  set_simd_level("SSE4");
  EXPECT_THROW(set_simd_level("avx2"), InputError);
  EXPECT_EQ(simd_level(), "SSE4");
  set_simd_level(best);
}

// Longer vectors add in another order, so that the last bits tell which code ran.
TEST(Simd, TheForcedLevelIsTheOneThatRuns) {
  RandomStream random({81, 0, 0, 0});
  const Floats x = narrow(random_values(random, 5000));
  size_t levels = 0;
  std::set<Doubles> sums;
  at_every_simd_level([&] {
    Doubles of_level;
    for (int64_t count = 1000; count <= 5000; count += 500) of_level.push_back(sum_of_squares(count, x.data()));
    sums.insert(of_level);
    ++levels;
  });
  EXPECT_EQ(sums.size(), levels);
}

}  // namespace
}  // namespace heddle::kernels
