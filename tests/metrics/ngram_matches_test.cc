#include "heddle/metrics/ngram_matches.h"

#include <gtest/gtest.h>

namespace heddle::metrics {
namespace {

TEST(NgramMatches, EachNgramMatchesAtMostAsOftenAsTheReferenceHasIt) {
  const Symbols reference = {1, 1, 2};
  const auto found = match_ngrams({1, 1, 1, 2}, {&reference, 1}, 5);
  ASSERT_EQ(found.size(), 5u);
  const int64_t expected[5][3] = {{4, 3, 3}, {3, 2, 2}, {2, 1, 1}, {1, 0, 0}, {0, 0, 0}};
  for (size_t n = 0; n < 5; ++n) {
    EXPECT_EQ(found[n].hypothesis, expected[n][0]);
    EXPECT_EQ(found[n].reference, expected[n][1]);
    EXPECT_EQ(found[n].matches, expected[n][2]);
  }
}

TEST(NgramMatches, OfSeveralReferencesTheOneThatHasItMostOftenCounts) {
  const std::vector<Symbols> references = {{7, 7, 5}, {7, 5, 5}};
  const auto found = match_ngrams({7, 7, 7, 5, 5, 5}, references, 1);
  EXPECT_EQ(found[0].matches, 4);
  EXPECT_EQ(found[0].reference, 6);
}

TEST(NgramMatches, WordsGetTheSameNumberInEveryText) {
  const std::vector<std::string> texts[] = {{"a", "b", "a"}, {"b", "c"}, {}};
  const auto numbered = number_words(texts);
  ASSERT_EQ(numbered.size(), 3u);
  EXPECT_EQ(numbered[0][0], numbered[0][2]);
  EXPECT_EQ(numbered[0][1], numbered[1][0]);
  EXPECT_NE(numbered[0][0], numbered[0][1]);
  EXPECT_NE(numbered[1][1], numbered[0][0]);
  EXPECT_TRUE(numbered[2].empty());
}

}  // namespace
}  // namespace heddle::metrics
