#include "heddle/data/listops.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "heddle/base/error.h"

namespace heddle::data {
namespace {

TEST(ListOps, EachOperatorIsItsDefinition) {
  EXPECT_EQ(evaluate_listops("7"), 7);
  EXPECT_EQ(evaluate_listops("[MAX 2 9 [MIN 4 7 ] 0 ]"), 9);
  EXPECT_EQ(evaluate_listops("[MED 1 9 4 ]"), 4);
  EXPECT_EQ(evaluate_listops("[MED 1 4 9 4 ]"), 4);
  EXPECT_EQ(evaluate_listops("[MED 1 2 ]"), 1);
  EXPECT_EQ(evaluate_listops("[SM 9 8 [SM 3 4 ] ]"), 4);
}

TEST(ListOps, WhatIsDrawnHasItsValueAndItsLength) {
  RandomStream random(RandomKey{.seed = 4});
  const ListOpsSizes sizes = {.least_words = 40, .most_words = 90, .deepest = 5};
  std::set<std::string> values;
  for (int i = 0; i < 300; ++i) {
    const TextPair pair = draw_listops(random, sizes);
    EXPECT_EQ(std::to_string(evaluate_listops(pair.source)), pair.target) << pair.source;
    const auto words = 1 + std::ranges::count(pair.source, ' ');
    EXPECT_GE(words, 40);
    EXPECT_LE(words, 90);
    values.insert(pair.target);
  }
  EXPECT_EQ(values.size(), 10u) << "every digit is the value of some";
}

TEST(ListOps, WhatIsNoExpressionIsRefused) {
  for (const char* text : {"", "[MAX 1 2", "[MAX ]", "1 2", "[ADD 1 2 ]", "[MAX 1 12 ]", "]"})
    EXPECT_THROW(evaluate_listops(text), InputError) << text;
  RandomStream random(RandomKey{});
  for (const ListOpsSizes& sizes :
       {ListOpsSizes{1, 3, 2}, ListOpsSizes{10, 9, 2}, ListOpsSizes{1, 9, 0}, ListOpsSizes{500, 600, 1}})
    EXPECT_THROW(draw_listops(random, sizes), InputError) << sizes.most_words;
}

}  // namespace
}  // namespace heddle::data
