#include "heddle/text/inspection/heaps_law.h"

#include <gtest/gtest.h>

#include <cmath>

namespace heddle::text {
namespace {

TEST(HeapsLaw, FindsTheLawThatMadeTheCurve) {
  for (const double beta : {0.4, 0.75, 1.0}) {
    GrowthCurve curve;
    for (int64_t n = 1; n <= 200000; ++n)
      curve.add(static_cast<int64_t>(std::llround(3 * std::pow(static_cast<double>(n), beta))));
    const HeapsLaw law = curve.fitted();
    EXPECT_NEAR(law.beta, beta, 0.01);
    EXPECT_NEAR(law.k, 3, 0.15);
    EXPECT_GT(law.fit, 0.999);
    EXPECT_NEAR(law.at(1000), 3 * std::pow(1000, beta), 0.05 * law.at(1000));
  }
}

TEST(HeapsLaw, WhatNeverGrowsHasAnExponentOfZero) {
  GrowthCurve curve;
  for (int n = 0; n < 1000; ++n) curve.add(1);
  EXPECT_EQ(curve.fitted().beta, 0);
  EXPECT_NEAR(curve.fitted().k, 1, 1e-12);
}

TEST(GrowthCurve, PointsAreFewAndEndAtTheEnd) {
  GrowthCurve curve;
  EXPECT_TRUE(curve.points().empty());
  for (int64_t n = 1; n <= 1000000; ++n) curve.add(n / 2 + 1);
  const auto points = curve.points();
  EXPECT_LT(points.size(), 80u);
  EXPECT_EQ(points.back().seen, 1000000);
  EXPECT_EQ(points.front().seen, 1);
  for (size_t i = 1; i < points.size(); ++i) EXPECT_LT(points[i - 1].seen, points[i].seen);
  GrowthCurve little;
  for (int n = 0; n < 11; ++n) little.add(1);
  EXPECT_EQ(little.fitted().k, 0) << "too few points for a law";
}

}  // namespace
}  // namespace heddle::text
