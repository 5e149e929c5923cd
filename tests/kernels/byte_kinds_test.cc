// The vector code against the definition, byte by byte: every byte at every place of a word.

#include "heddle/kernels/byte_kinds.h"

#include <cctype>

#include "tests/kernels/kernel_comparison.h"

namespace heddle::kernels {
namespace {

TEST(ByteKinds, EqualTheDefinitionForEveryByteAtEveryPlace) {
  std::string text;  // rows of 257 bytes, so that each byte stands at another place in the next
  for (int row = 0; row < 64; ++row)
    for (int byte = 0; byte < 256 + 1; ++byte) text += static_cast<char>(byte);
  const size_t words = text.size() / 64;
  std::vector<ByteKinds> kinds(words);
  at_every_simd_level([&] {
    find_byte_kinds(text.data(), words, kinds.data());
    for (size_t i = 0; i < 64 * words; ++i) {
      const auto is = [&](uint64_t bits) { return (bits >> (i % 64) & 1) != 0; };
      const ByteKinds& found = kinds[i / 64];
      const int byte = static_cast<unsigned char>(text[i]);
      ASSERT_EQ(is(found.letter), std::isalpha(byte) != 0) << byte;
      ASSERT_EQ(is(found.digit), std::isdigit(byte) != 0) << byte;
      ASSERT_EQ(is(found.space), std::isspace(byte) != 0) << byte;
      ASSERT_EQ(is(found.blank), byte == ' ') << byte;
      ASSERT_EQ(is(found.apostrophe), byte == '\'') << byte;
      ASSERT_EQ(is(found.wide), byte >= 0x80) << byte;
    }
  });
}

}  // namespace
}  // namespace heddle::kernels
