#include "heddle/kernels/sinusoidal.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace heddle::kernels {
namespace {

TEST(Sinusoidal, IsThePapersFormula) {
  for (const int64_t width : {2, 6, 64}) {
    const int64_t length = 50;
    std::vector<double> table(static_cast<size_t>(length * width), 9.0);
    sinusoidal_positions(length, width, table.data());
    for (int64_t p = 0; p < length; ++p)
      for (int64_t c = 0; c < width; ++c) {
        const double exponent = static_cast<double>(c / 2 * 2) / static_cast<double>(width);
        const double angle = static_cast<double>(p) / std::pow(10000.0, exponent);
        EXPECT_NEAR(table[static_cast<size_t>(p * width + c)], c % 2 == 0 ? std::sin(angle) : std::cos(angle), 1e-12);
      }
  }
}

TEST(Sinusoidal, NoPositionsWriteNothing) {
  double guard = 7;
  sinusoidal_positions(0, 8, &guard);
  sinusoidal_positions(5, 0, &guard);
  EXPECT_EQ(guard, 7);
}

// The paper's reason for them: an offset is a rotation, the same at every position.
TEST(Sinusoidal, AnOffsetIsARotation) {
  const int64_t width = 8;
  std::vector<double> table(40 * width);
  sinusoidal_positions(40, width, table.data());
  const auto row = [&](int64_t p) { return table.data() + p * width; };
  for (int64_t i = 0; i < width; i += 2) {
    const double s = row(3)[i], c = row(3)[i + 1];  // the rotation by three positions
    for (int64_t p = 0; p + 3 < 40; ++p) {
      EXPECT_NEAR(row(p + 3)[i], row(p)[i] * c + row(p)[i + 1] * s, 1e-12);
      EXPECT_NEAR(row(p + 3)[i + 1], row(p)[i + 1] * c - row(p)[i] * s, 1e-12);
    }
  }
}

}  // namespace
}  // namespace heddle::kernels
