#include "heddle/tensor/block_format.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "heddle/base/error.h"
#include "heddle/base/random.h"

namespace heddle {
namespace {

Tensor random_matrix(int64_t rows, int64_t width, uint64_t seed) {
  RandomStream random({seed, 0, 0, 0});
  Tensor matrix = Tensor::zeros({rows, width}, DType::f32);
  for (float& x : matrix.span<float>()) x = static_cast<float>(random.normal());
  return matrix;
}

TEST(BlockFormat, DecodedValuesLieWithinHalfAStep) {
  for (const BlockFormat* format : {&kQ8_0, &kQ4_0, &kInt8Rows}) {
    const Tensor matrix = random_matrix(5, 96, 1);
    const Tensor decoded = BlockMatrix::encode(matrix, *format).decode();
    const int64_t block = format->values_per_block ? format->values_per_block : 96;
    const float steps = format->bits_per_value == 4 ? 8.0f : 127.0f;
    for (int64_t first = 0; first < matrix.count(); first += block) {
      float largest = 0;
      for (int64_t i = first; i < first + block; ++i) largest = std::max(largest, std::abs(matrix.data<float>()[i]));
      // Four bits reach from -8 to 7: the far end of the other sign loses up to a whole step.
      const float step = largest / steps * (format->bits_per_value == 4 ? 1.0f : 0.5f);
      for (int64_t i = first; i < first + block; ++i)
        EXPECT_LE(std::abs(decoded.data<float>()[i] - matrix.data<float>()[i]), 1.01f * step + 1e-3f * largest)
            << format->name;
    }
  }
}

TEST(BlockFormat, DotIsTheProductWithDecodedValues) {
  const Tensor x = random_matrix(1, 64, 2);
  for (const BlockFormat* format : {&kQ8_0, &kQ4_0, &kInt8Rows}) {
    const BlockMatrix matrix = BlockMatrix::encode(random_matrix(4, 64, 3), *format);
    const Tensor decoded = matrix.decode();
    for (int64_t r = 0; r < 4; ++r) {
      double expected = 0;
      for (int64_t j = 0; j < 64; ++j)
        expected += static_cast<double>(decoded.data<float>()[r * 64 + j]) * static_cast<double>(x.data<float>()[j]);
      EXPECT_NEAR(matrix.dot(r, x.span<float>()), expected, 1e-5) << format->name;
    }
  }
}

// The layouts of the GGUF specification, byte by byte.
TEST(BlockFormat, LayoutsAreThoseOfGguf) {
  EXPECT_EQ(BlockMatrix::row_bytes(kQ8_0, 64), 68);
  EXPECT_EQ(BlockMatrix::row_bytes(kQ4_0, 64), 36);
  EXPECT_EQ(BlockMatrix::row_bytes(kInt8Rows, 50), 54);
  std::vector<float> values(32);
  for (size_t i = 0; i < 32; ++i) values[i] = static_cast<float>(i) - 16;  // -16 … 15
  const BlockMatrix four = BlockMatrix::encode(Tensor::from<float>({1, 32}, values), kQ4_0);
  const auto bytes = four.bytes().span<uint8_t>();
  EXPECT_EQ(bytes[0] | bytes[1] << 8, 0x4000) << "the scale 2 as a 16-bit float";
  EXPECT_EQ(bytes[2], 0 | 8 << 4) << "values 0 and 16: -16 is step -8, 0 is step 0";
  EXPECT_EQ(bytes[2 + 14], 7 | 15 << 4) << "values 14 and 30: -2 is step -1, 14 is step 7";
  for (float& v : values) v *= 127.0f / 16;
  const BlockMatrix eight = BlockMatrix::encode(Tensor::from<float>({1, 32}, values), kQ8_0);
  EXPECT_EQ(static_cast<int8_t>(eight.bytes().span<uint8_t>()[2]), -127);
  EXPECT_EQ(static_cast<int8_t>(eight.bytes().span<uint8_t>()[2 + 16]), 0);
}

TEST(BlockFormat, ZerosStayZerosAndOddSizesAreRefused) {
  for (const BlockFormat* format : {&kQ8_0, &kQ4_0, &kInt8Rows}) {
    const Tensor decoded = BlockMatrix::encode(Tensor::zeros({2, 32}, DType::f32), *format).decode();
    for (float v : decoded.span<float>()) EXPECT_EQ(v, 0.0f) << format->name;
    EXPECT_EQ(find_block_format(format->name), format);
  }
  EXPECT_EQ(find_block_format("q9_9"), nullptr);
  EXPECT_THROW(BlockMatrix::encode(random_matrix(1, 33, 4), kQ8_0), InputError);
  EXPECT_THROW(BlockMatrix(kQ8_0, Tensor::zeros({2, 33}, DType::u8), 32), InputError);
  EXPECT_EQ(BlockMatrix::encode(random_matrix(3, 33, 4), kInt8Rows).rows(), 3);
}

}  // namespace
}  // namespace heddle
