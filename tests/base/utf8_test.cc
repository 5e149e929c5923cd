#include "heddle/base/utf8.h"

#include <gtest/gtest.h>

namespace heddle {
namespace {

constexpr const char* kBad = "\xEF\xBF\xBD";

std::string bad(int times) {
  std::string text;
  while (times-- > 0) text += kBad;
  return text;
}

TEST(Utf8, EveryCodePointComesBack) {
  for (int32_t c = 0; c < 0x110000; ++c) {
    std::string text;
    append_utf8(text, c);
    const CodePoint read = read_code_point(text, 0);
    if (c >= 0xD800 && c < 0xE000) {
      ASSERT_EQ(read.value, -1) << c;  // surrogates are no characters
    } else {
      ASSERT_EQ(read.value, c);
      ASSERT_EQ(static_cast<size_t>(read.length), text.size());
    }
  }
}

// "Maximal subparts" as tables 3-8 to 3-11 of the Unicode standard (section 3.9) replace them.
TEST(Utf8, BrokenSequencesAreReplacedAsTheStandardSays) {
  EXPECT_EQ(repair_utf8("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41"), bad(8) + "A");
  EXPECT_EQ(repair_utf8("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41"), bad(8) + "A");
  EXPECT_EQ(repair_utf8("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42"), bad(5) + "A" + bad(2) + "B");
  EXPECT_EQ(repair_utf8("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41"), bad(4) + "A");
}

TEST(Utf8, TextsThatEndTooSoon) {
  EXPECT_EQ(repair_utf8("a\xF0\x9F\xA7"), std::string("a") + kBad);
  EXPECT_EQ(repair_utf8("\xE2"), kBad);
  EXPECT_FALSE(is_valid_utf8("a\xC3"));
  EXPECT_TRUE(is_valid_utf8(""));
  EXPECT_TRUE(is_valid_utf8(repair_utf8("\x80\xFE\xFF\xC3")));
}

}  // namespace
}  // namespace heddle
