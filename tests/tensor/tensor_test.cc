#include "heddle/tensor/tensor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "heddle/base/random.h"

namespace heddle {
namespace {

TEST(Tensor, ViewsShareMemory) {
  const std::vector<float> values = {0, 1, 2, 3, 4, 5};
  const Tensor matrix = Tensor::from<float>({2, 3}, values);
  const Tensor column = matrix.column_range(1, 2);
  column.strided_data<float>()[column.row_stride()] = 40;
  EXPECT_EQ(matrix.data<float>()[4], 40);
  EXPECT_EQ(matrix.row_range(1, 2).data<float>()[0], 3);
  EXPECT_FALSE(column.dense());
  EXPECT_THROW(column.reshape({2}), Error);
  EXPECT_EQ(matrix.reshape({3, 2}).row_range(2, 3).data<float>()[0], 40);
  EXPECT_THROW(matrix.data<double>(), Error);
  EXPECT_THROW(column.data<float>(), Error) << "its rows lie apart";
}

TEST(Tensor, HandleOfAnEndedArenaThrows) {
  std::optional<Arena> arena(std::in_place);
  const Tensor tensor = Tensor::in_arena(*arena, {4}, DType::f32);
  tensor.data<float>()[0] = 7;
  const Tensor kept = keep(tensor.row_range(0, 1));
  arena->reset();
  EXPECT_THROW(tensor.data<float>(), Error);
  const Tensor later = Tensor::in_arena(*arena, {4}, DType::f32);
  arena.reset();
  EXPECT_THROW(later.data<float>(), Error);
  EXPECT_EQ(kept.data<float>()[0], 7);
}

TEST(DType, Float16RoundTrips) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    f16 half;
    half.bits = static_cast<uint16_t>(bits);
    const float value = static_cast<float>(half);
    if (std::isnan(value)) EXPECT_TRUE(std::isnan(static_cast<float>(f16(value))));
    else EXPECT_EQ(f16(value).bits, bits);
  }
  EXPECT_EQ(f16(65520.0f).bits, 0x7C00) << "halfway to 65536 rounds to infinity";
  EXPECT_EQ(f16(65519.0f).bits, 0x7BFF);
  EXPECT_EQ(f16(0x1.8p-25f).bits, 1) << "above half the smallest subnormal rounds up";
}

// Between any two neighbours: the nearer one, and halfway the even one.
TEST(DType, Float16RoundsToNearestEven) {
  for (uint32_t bits = 0; bits < 0x7BFF; ++bits) {
    f16 low, high;
    low.bits = static_cast<uint16_t>(bits);
    high.bits = static_cast<uint16_t>(bits + 1);
    const float below = static_cast<float>(low), above = static_cast<float>(high);
    const float middle = (below + above) / 2;
    ASSERT_EQ(f16(middle).bits, bits + bits % 2) << middle;
    ASSERT_EQ(f16(std::nextafter(middle, 0.0f)).bits, bits) << middle;
    ASSERT_EQ(f16(std::nextafter(middle, above)).bits, bits + 1) << middle;
    ASSERT_EQ(f16(-middle).bits, 0x8000 + bits + bits % 2) << -middle;
  }
}

TEST(DType, BFloat16RoundsToNearestEven) {
  EXPECT_EQ(static_cast<float>(bf16(1.0f + 0x1p-8f)), 1.0f);
  EXPECT_EQ(static_cast<float>(bf16(1.0f + 0x1.8p-7f)), 1.0f + 0x1p-6f);
  EXPECT_TRUE(std::isnan(static_cast<float>(bf16(std::numeric_limits<float>::quiet_NaN()))));
}

TEST(Tensor, CopyConvertsBetweenFloats) {
  const Tensor from = Tensor::from<double>({3}, std::vector<double>{1.5, -2.25, 1e-3});
  const Tensor to = Tensor::zeros({3}, DType::bf16);
  copy_into(from, to);
  EXPECT_EQ(static_cast<float>(to.data<bf16>()[1]), -2.25f);
  EXPECT_NEAR(static_cast<float>(to.data<bf16>()[2]), 1e-3, 1e-5);
}

}  // namespace
}  // namespace heddle
