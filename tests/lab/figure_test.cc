#include "heddle/lab/figure.h"

#include <gtest/gtest.h>

#include <cmath>

namespace heddle::lab {
namespace {

TEST(Figure, IntervalIsStudents) {
  // Mean 3, standard deviation √2.5, n = 5: 2.776·√(2.5/5) = 1.963.
  const Interval interval = interval_of({1, 2, 3, 4, 5});
  EXPECT_DOUBLE_EQ(interval.mean, 3);
  EXPECT_NEAR(interval.low, 3 - 1.963, 1e-3);
  EXPECT_NEAR(interval.high, 3 + 1.963, 1e-3);
}

TEST(Figure, OneValueHasNoKnownSpread) {
  const Interval interval = interval_of({7});
  EXPECT_DOUBLE_EQ(interval.mean, 7);
  EXPECT_TRUE(std::isinf(interval.low) && std::isinf(interval.high));
}

}  // namespace
}  // namespace heddle::lab
