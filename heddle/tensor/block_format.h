#pragma once
// Block formats: numbers stored in groups that share a scale, such as GGUF's quantizations or int8 rows.
//
// A format is a value, so that weights, caches and optimizer states may stand in any of them without
// code of their own. Encoding rounds to nearest; what decode() gives is the definition of the stored
// numbers, and dot() equals the product with them up to the order of summation.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "heddle/tensor/tensor.h"

namespace heddle {

struct BlockFormat {
  std::string_view name;
  int64_t values_per_block = 0;  // 0: a whole row is one block, whatever its width
  int64_t scale_bytes = 0;       // of a block, beside the bytes of its values
  int64_t bits_per_value = 0;

  void (*encode)(std::span<const float> values, std::byte* block) = nullptr;
  void (*decode)(const std::byte* block, std::span<float> values) = nullptr;
  float (*dot)(const std::byte* block, std::span<const float> values) = nullptr;

  int64_t bytes_per_block(int64_t values) const { return scale_bytes + values * bits_per_value / 8; }
};

// Round-to-nearest symmetric formats; a block of zeros has the scale zero.
extern const BlockFormat kQ8_0;      // GGUF Q8_0: 32 values, f16 scale, i8 each
extern const BlockFormat kQ4_0;      // GGUF Q4_0: 32 values, f16 scale, 4 bits each, value j beside j + 16
extern const BlockFormat kInt8Rows;  // a row: f32 scale, i8 each

// "q8_0", "q4_0", "int8_rows"; null for any other name.
const BlockFormat* find_block_format(std::string_view name);

// A matrix [rows, width] in a block format; a handle like Tensor.
class BlockMatrix {
 public:
  // Throws InputError when the width is no multiple of the block.
  static BlockMatrix encode(const Tensor& f32, const BlockFormat& format);
  // `bytes` [rows, bytes a row], u8, e.g. mapped from a file. Throws InputError when the sizes disagree.
  BlockMatrix(const BlockFormat& format, const Tensor& bytes, int64_t width);

  const BlockFormat& format() const { return *format_; }
  int64_t rows() const { return bytes_.rows(); }
  int64_t width() const { return width_; }
  const Tensor& bytes() const { return bytes_; }

  // Row r as floats.
  void decode_row(int64_t row, std::span<float> values) const;
  Tensor decode() const;
  // Σ_j row[j]·x[j].
  float dot(int64_t row, std::span<const float> x) const;

  static int64_t row_bytes(const BlockFormat& format, int64_t width);

 private:
  int64_t values_per_block() const { return format_->values_per_block ? format_->values_per_block : width_; }
  // Calls visit(block, first value) for each block of a row.
  template <class Visit>
  void for_blocks(int64_t row, Visit&& visit) const;

  const BlockFormat* format_;
  Tensor bytes_;
  int64_t width_;
};

}  // namespace heddle
