#include "heddle/text/byte_level.h"

#include <gtest/gtest.h>

#include <set>

#include "heddle/base/random.h"
#include "heddle/base/utf8.h"

namespace heddle::text {
namespace {

using Pieces = std::vector<std::string_view>;

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

TEST(ByteLevel, CutsAsThePatternDoes) {
  EXPECT_EQ(split_gpt2("it's we'll I'D"), (Pieces{"it", "'s", " we", "'ll", " I", "'", "D"}));
  EXPECT_EQ(split_gpt2("a  b   "), (Pieces{"a", " ", " b", "   "}));
  EXPECT_EQ(split_gpt2("a\n\nb"), (Pieces{"a", "\n", "\n", "b"}));
  EXPECT_EQ(split_gpt2("a1 2b!? 'x"), (Pieces{"a", "1", " 2", "b", "!?", " '", "x"}));
  EXPECT_EQ(split_gpt2("'s"), (Pieces{"'s"}));
  EXPECT_EQ(split_gpt2("''s"), (Pieces{"''", "s"}));
  EXPECT_EQ(split_gpt2(" 's"), (Pieces{" '", "s"}));
  EXPECT_EQ(split_gpt2("a\u00a0b \u3000c"), (Pieces{"a", "\u00a0", "b", " ", "\u3000", "c"}));
  EXPECT_EQ(split_gpt2("e\u0301"), (Pieces{"e", "\u0301"}));  // a mark is no letter
  EXPECT_TRUE(split_gpt2("").empty());
}

TEST(ByteLevel, PiecesCoverTheText) {
  RandomStream random(RandomKey{.seed = 8});
  const std::string letters = " '\t\nabst12.!";
  for (int i = 0; i < 1000; ++i) {
    std::string text;
    for (uint64_t k = random.below(30); k > 0; --k) {
      if (random.below(4) == 0) append_utf8(text, static_cast<int32_t>(random.below(0xD800)));
      else text += letters[random.below(letters.size())];
    }
    std::string joined;
    for (std::string_view piece : split_gpt2(text)) {
      EXPECT_FALSE(piece.empty());
      joined += piece;
    }
    EXPECT_EQ(joined, text);
  }
}

}  // namespace
}  // namespace heddle::text
