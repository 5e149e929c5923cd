#include "heddle/text/byte_level.h"

#include <gtest/gtest.h>

#include <set>

#include "heddle/base/random.h"
#include "heddle/base/utf8.h"

namespace heddle::text {
namespace {

TEST(ByteLevel, EveryByteHasItsOwnPrintableCharacter) {
  std::set<int32_t> seen;
  for (int b = 0; b < 256; ++b) {
    const int32_t character = character_of_byte(static_cast<uint8_t>(b));
    EXPECT_TRUE(seen.insert(character).second);
    EXPECT_GT(character, ' ');
    EXPECT_EQ(byte_of_character(character), b);
  }
  for (int32_t none : {-1, 0, 0x20, 0x7F, 0xAD, 0x144, 511, 512, 0x10FFFF})
    EXPECT_EQ(byte_of_character(none), -1) << none;
  EXPECT_EQ(bytes_to_characters(" the\n"), "ĠtheĊ");
}

TEST(ByteLevel, AnyBytesComeBack) {
  RandomStream random(RandomKey{.seed = 7});
  for (int i = 0; i < 200; ++i) {
    std::string bytes(random.below(30), '\0');
    for (char& c : bytes) c = static_cast<char>(random.below(256));
    EXPECT_TRUE(is_valid_utf8(bytes_to_characters(bytes)));
    EXPECT_EQ(characters_to_bytes(bytes_to_characters(bytes)), bytes);
  }
}

}  // namespace
}  // namespace heddle::text
