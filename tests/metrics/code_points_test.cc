#include "heddle/metrics/code_points.h"

#include <gtest/gtest.h>

#include "tests/metrics/metric_cases.h"

namespace heddle::metrics {
namespace {

TEST(CodePoints, LowerCaseIsPythons) {
  for (const auto& sample : metric_cases().at("lower"))
    EXPECT_EQ(lowercase(sample.at("text").get<std::string>()), sample.at("lower").get<std::string>());
}

TEST(CodePoints, LowerCaseTwiceIsLowerCaseOnce) {
  for (const auto& group : metric_cases().at("groups"))
    for (const std::string& line : group.at("hypotheses").get<Lines>())
      EXPECT_EQ(lowercase(lowercase(line)), lowercase(line));
}

TEST(CodePoints, WhiteSpaceIsPythons) {
  const CodePoints spaces = {0x09,   0x0A,   0x0B,   0x0C,   0x0D,   0x1C,   0x1D,   0x1E,   0x1F,   0x20,
                             0x85,   0xA0,   0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006,
                             0x2007, 0x2008, 0x2009, 0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000};
  CodePoints found;
  for (int32_t c = 0; c <= 0x10FFFF; ++c)
    if (is_space(c)) found.push_back(c);
  EXPECT_EQ(found, spaces);
}

TEST(CodePoints, StripAndSplit) {
  const CodePoints points = code_points(" \u3000a \tb\u00a0");
  EXPECT_EQ(to_utf8(strip_left(points)), "a \tb\u00a0");
  EXPECT_EQ(to_utf8(strip_right(points)), " \u3000a \tb");
  EXPECT_EQ(split_words(points), (Lines{"a", "b"}));
  EXPECT_TRUE(split_words(code_points(" \t")).empty());
}

TEST(CodePoints, BrokenBytesAreOneReplacementEach) {
  EXPECT_EQ(code_points("\xe4\xb8"
                        "a\xc0"),
            (CodePoints{0xFFFD, 'a', 0xFFFD}));
}

}  // namespace
}  // namespace heddle::metrics
