#pragma once
// Number formats of tensor elements, and the two 16-bit floats that C++20 lacks.

#include <bit>
#include <cstdint>
#include <string_view>

namespace heddle {

enum class DType : uint8_t { f64, f32, bf16, f16, i8, u8, i32, i64 };

// bfloat16: the upper half of an IEEE float; round to nearest even, NaN kept quiet.
struct bf16 {
  uint16_t bits = 0;

  bf16() = default;
  explicit bf16(float value) {
    const uint32_t word = std::bit_cast<uint32_t>(value);
    const bool is_nan = (word & 0x7FFFFFFFu) > 0x7F800000u;
    bits = is_nan ? static_cast<uint16_t>(word >> 16 | 0x40u)
                  : static_cast<uint16_t>((word + 0x7FFFu + (word >> 16 & 1u)) >> 16);
  }
  explicit operator float() const { return std::bit_cast<float>(uint32_t{bits} << 16); }
};

// IEEE binary16; round to nearest even, overflow to infinity, subnormals kept.
struct f16 {
  uint16_t bits = 0;

  f16() = default;
  explicit f16(float value);
  explicit operator float() const;
};

constexpr int64_t size_of(DType dtype) {
  switch (dtype) {
    case DType::f64:
    case DType::i64: return 8;
    case DType::f32:
    case DType::i32: return 4;
    case DType::bf16:
    case DType::f16: return 2;
    case DType::i8:
    case DType::u8: return 1;
  }
  return 0;
}

constexpr bool is_float(DType dtype) { return dtype <= DType::f16; }

// "f64", "f32", "bf16", "f16", "i8", "u8", "i32", "i64".
std::string_view name_of(DType dtype);

template <class T>
struct dtype_of_type;
template <>
struct dtype_of_type<double> {
  static constexpr DType value = DType::f64;
};
template <>
struct dtype_of_type<float> {
  static constexpr DType value = DType::f32;
};
template <>
struct dtype_of_type<bf16> {
  static constexpr DType value = DType::bf16;
};
template <>
struct dtype_of_type<f16> {
  static constexpr DType value = DType::f16;
};
template <>
struct dtype_of_type<int8_t> {
  static constexpr DType value = DType::i8;
};
template <>
struct dtype_of_type<uint8_t> {
  static constexpr DType value = DType::u8;
};
template <>
struct dtype_of_type<int32_t> {
  static constexpr DType value = DType::i32;
};
template <>
struct dtype_of_type<int64_t> {
  static constexpr DType value = DType::i64;
};

template <class T>
inline constexpr DType dtype_of = dtype_of_type<T>::value;

}  // namespace heddle
