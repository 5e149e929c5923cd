#include "heddle/tensor/block_format.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "heddle/base/error.h"

namespace heddle {
namespace {

// Blocks in a file stand at any address.
template <class T>
T read(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

float largest_magnitude(std::span<const float> values) {
  float most = 0;
  for (float v : values) most = std::max(most, std::abs(v));
  return most;
}

template <class Scale>
struct Int8 {
  static void encode(std::span<const float> values, std::byte* block) {
    const Scale stored(largest_magnitude(values) / 127);
    const float scale(stored);
    std::memcpy(block, &stored, sizeof(Scale));
    for (size_t i = 0; i < values.size(); ++i) {
      const float steps = scale > 0 ? std::clamp(std::round(values[i] / scale), -127.0f, 127.0f) : 0.0f;
      block[sizeof(Scale) + i] = static_cast<std::byte>(static_cast<int8_t>(steps));
    }
  }
  static void decode(const std::byte* block, std::span<float> values) {
    const float scale(read<Scale>(block));
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = scale * static_cast<float>(read<int8_t>(block + sizeof(Scale) + i));
  }
  static float dot(const std::byte* block, std::span<const float> values) {
    float sum = 0;
    for (size_t i = 0; i < values.size(); ++i)
      sum += values[i] * static_cast<float>(read<int8_t>(block + sizeof(Scale) + i));
    return sum * static_cast<float>(read<Scale>(block));
  }
};

// 16 steps from -8 to 7; the scale takes the sign that lets the largest value be -8.
struct Int4 {
  static constexpr size_t kHalf = 16;

  static void encode(std::span<const float> values, std::byte* block) {
    const float extreme = *std::ranges::max_element(values, {}, [](float v) { return std::abs(v); });
    const f16 stored(extreme / -8);
    const float scale(stored);
    std::memcpy(block, &stored, sizeof(f16));
    const auto step = [&](float v) {
      return static_cast<uint8_t>(scale == 0 ? 8.0f : std::clamp(std::round(v / scale) + 8, 0.0f, 15.0f));
    };
    for (size_t i = 0; i < kHalf; ++i)
      block[sizeof(f16) + i] = static_cast<std::byte>(step(values[i]) | step(values[i + kHalf]) << 4);
  }
  static float value(const std::byte* block, size_t i) {
    const auto pair = std::to_integer<int>(block[sizeof(f16) + i % kHalf]);
    return static_cast<float>((i < kHalf ? pair & 15 : pair >> 4) - 8);
  }
  static void decode(const std::byte* block, std::span<float> values) {
    const float scale(read<f16>(block));
    for (size_t i = 0; i < values.size(); ++i) values[i] = scale * value(block, i);
  }
  static float dot(const std::byte* block, std::span<const float> values) {
    float sum = 0;
    for (size_t i = 0; i < values.size(); ++i) sum += values[i] * value(block, i);
    return sum * static_cast<float>(read<f16>(block));
  }
};

}  // namespace

const BlockFormat kQ8_0 = {.name = "q8_0",
                           .values_per_block = 32,
                           .scale_bytes = 2,
                           .bits_per_value = 8,
                           .encode = Int8<f16>::encode,
                           .decode = Int8<f16>::decode,
                           .dot = Int8<f16>::dot};
const BlockFormat kQ4_0 = {.name = "q4_0",
                           .values_per_block = 32,
                           .scale_bytes = 2,
                           .bits_per_value = 4,
                           .encode = Int4::encode,
                           .decode = Int4::decode,
                           .dot = Int4::dot};
const BlockFormat kInt8Rows = {.name = "int8_rows",
                               .values_per_block = 0,
                               .scale_bytes = 4,
                               .bits_per_value = 8,
                               .encode = Int8<float>::encode,
                               .decode = Int8<float>::decode,
                               .dot = Int8<float>::dot};

const BlockFormat* find_block_format(std::string_view name) {
  for (const BlockFormat* format : {&kQ8_0, &kQ4_0, &kInt8Rows})
    if (format->name == name) return format;
  return nullptr;
}

int64_t BlockMatrix::row_bytes(const BlockFormat& format, int64_t width) {
  const int64_t block = format.values_per_block ? format.values_per_block : std::max<int64_t>(1, width);
  if (width % block != 0)
    fail_input("a row of {} values cannot stand in {} blocks of {}; keep this matrix in floats", width, format.name,
               block);
  return width / block * format.bytes_per_block(block);
}

BlockMatrix::BlockMatrix(const BlockFormat& format, const Tensor& bytes, int64_t width)
    : format_(&format), bytes_(bytes), width_(width) {
  const int64_t expected = row_bytes(format, width);
  if (bytes.dtype() != DType::u8 || bytes.width() != expected)
    fail_input("{} rows of {} values take {} bytes each, got a {} tensor of shape {}", format.name, width, expected,
               name_of(bytes.dtype()), bytes.shape().text());
}

template <class Visit>
void BlockMatrix::for_blocks(int64_t row, Visit&& visit) const {
  HEDDLE_CHECK(row >= 0 && row < rows(), "row {} of a block matrix of {} rows", row, rows());
  const int64_t step = values_per_block();
  auto* block = reinterpret_cast<std::byte*>(bytes_.data<uint8_t>() + row * bytes_.row_stride());
  for (int64_t first = 0; first < width_; first += step, block += format_->bytes_per_block(step))
    visit(block, static_cast<size_t>(first), static_cast<size_t>(step));
}

BlockMatrix BlockMatrix::encode(const Tensor& f32, const BlockFormat& format) {
  const BlockMatrix made(format, Tensor::zeros({f32.rows(), row_bytes(format, f32.width())}, DType::u8), f32.width());
  for (int64_t r = 0; r < f32.rows(); ++r) {
    const std::span<const float> row(f32.data<float>() + r * f32.row_stride(), static_cast<size_t>(f32.width()));
    made.for_blocks(
        r, [&](std::byte* block, size_t first, size_t count) { format.encode(row.subspan(first, count), block); });
  }
  return made;
}

void BlockMatrix::decode_row(int64_t row, std::span<float> values) const {
  HEDDLE_CHECK(std::ssize(values) == width_, "a row of {} values was decoded into {}", width_, values.size());
  for_blocks(row, [&](const std::byte* block, size_t first, size_t count) {
    format_->decode(block, values.subspan(first, count));
  });
}

Tensor BlockMatrix::decode() const {
  Tensor decoded = Tensor::zeros({rows(), width_}, DType::f32);
  for (int64_t r = 0; r < rows(); ++r) decode_row(r, {decoded.data<float>() + r * width_, static_cast<size_t>(width_)});
  return decoded;
}

float BlockMatrix::dot(int64_t row, std::span<const float> x) const {
  HEDDLE_CHECK(std::ssize(x) == width_, "a row of {} values met a vector of {}", width_, x.size());
  float sum = 0;
  for_blocks(row, [&](const std::byte* block, size_t first, size_t count) {
    sum += format_->dot(block, x.subspan(first, count));
  });
  return sum;
}

}  // namespace heddle
