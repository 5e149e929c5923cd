#include "heddle/base/comma_list.h"

#include <gtest/gtest.h>

namespace heddle {
namespace {

using Parts = std::vector<std::string_view>;

TEST(CommaList, PartsStandBetweenCommas) {
  EXPECT_EQ(comma_list("news, talks"), (Parts{"news", "talks"}));
  EXPECT_EQ(comma_list("4,16 ,64"), (Parts{"4", "16", "64"}));
  EXPECT_EQ(comma_list("  one of two words "), (Parts{"one of two words"}));
}

TEST(CommaList, WhatIsMissingIsAnEmptyPart) {
  EXPECT_EQ(comma_list(""), (Parts{""}));
  EXPECT_EQ(comma_list(" "), (Parts{""}));
  EXPECT_EQ(comma_list(","), (Parts{"", ""}));
  EXPECT_EQ(comma_list("a,, b,"), (Parts{"a", "", "b", ""}));
}

}  // namespace
}  // namespace heddle
