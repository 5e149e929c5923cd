// The vector code against the definition: every upper half, with lower halves around the tie, at every length.

#include "heddle/kernels/narrow.h"

#include <bit>

#include "tests/kernels/kernel_comparison.h"

namespace heddle::kernels {
namespace {

TEST(Narrow, EqualsTheDefinitionForEveryUpperHalfAroundTheTie) {
  Floats from;
  for (uint32_t upper = 0; upper < 0x10000; ++upper)
    for (const uint32_t lower : {0u, 1u, 0x7FFFu, 0x8000u, 0x8001u, 0xFFFFu})
      from.push_back(std::bit_cast<float>(upper << 16 | lower));
  std::vector<bf16> to(from.size());
  at_every_simd_level([&] {
    narrow(std::ssize(from), from.data(), to.data());
    for (size_t i = 0; i < from.size(); ++i)
      ASSERT_EQ(to[i].bits, bf16(from[i]).bits) << std::bit_cast<uint32_t>(from[i]);
  });
}

TEST(Narrow, WideningIsExactForEveryNumber) {
  std::vector<bf16> from(0x10000 + 5);
  for (size_t i = 0; i < from.size(); ++i) from[i].bits = static_cast<uint16_t>(i);
  Floats to(from.size());
  at_every_simd_level([&] {
    widen(std::ssize(from), from.data(), to.data());
    for (size_t i = 0; i < from.size(); ++i)
      ASSERT_EQ(std::bit_cast<uint32_t>(to[i]), uint32_t{from[i].bits} << 16) << i;
  });
}

TEST(Narrow, WritesExactlyAsManyAsAsked) {
  const Floats from(70, 1.5f);
  at_every_simd_level([&] {
    for (int64_t count = 0; count <= 70; ++count) {
      std::vector<bf16> to(71);
      narrow(count, from.data(), to.data());
      for (int64_t i = 0; i < 71; ++i)
        ASSERT_EQ(static_cast<float>(to[static_cast<size_t>(i)]), i < count ? 1.5f : 0.0f) << count;
    }
  });
}

}  // namespace
}  // namespace heddle::kernels
