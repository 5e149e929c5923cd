#include "heddle/data/text_survey.h"

#include <gtest/gtest.h>

namespace heddle::data {
namespace {

TEST(TextSurvey, CountsBothSides) {
  const std::vector<TextPair> pairs = {{"a bb  a", "cc"}, {"", "a cc"}, {"dddd", "a"}};
  const TextSurvey text = survey(pairs);
  EXPECT_EQ(text.pairs, 3);
  EXPECT_EQ(text.empty, 1);
  EXPECT_EQ(text.source.bytes, 11);
  EXPECT_EQ(text.target.bytes, 7);
  EXPECT_DOUBLE_EQ(text.source.mean_words, 4.0 / 3);
  EXPECT_EQ(text.source.most_bytes, 7);
  EXPECT_EQ(text.distinct_words, 4);  // a bb cc dddd
  EXPECT_EQ(text.distinct_word_bytes, 9);
}

TEST(TextSurvey, OneLongLineInAThousandDoesNotDecide) {
  std::vector<TextPair> pairs(2000, {std::string(40, 'x'), "y"});
  pairs[7].source = std::string(9000, 'x');
  const TextSurvey text = survey(pairs);
  EXPECT_EQ(text.source.most_bytes, 9000);
  EXPECT_EQ(text.source.usual_most_bytes, 40);
  EXPECT_EQ(guess_token_limit(text.source), 32);
  EXPECT_EQ(guess_token_limit({.bytes = 0, .mean_words = 0, .most_bytes = 0, .usual_most_bytes = 0}), 32);
  EXPECT_EQ(guess_token_limit({.usual_most_bytes = 1 << 20}), 1024);
}

TEST(TextSurvey, VocabularyGrowsWithTheTextWithinBounds) {
  TextSurvey text;
  text.source.bytes = text.target.bytes = 2000000;
  text.distinct_word_bytes = 200000;
  EXPECT_EQ(guess_vocabulary(text, 300), 6000);
  text.source.bytes = int64_t{1} << 40;
  text.distinct_word_bytes = int64_t{1} << 30;
  EXPECT_EQ(guess_vocabulary(text, 300), 32000);
  text.distinct_word_bytes = 80;  // ten words, however often they are said
  EXPECT_EQ(guess_vocabulary(text, 300), 310);
  EXPECT_EQ(guess_vocabulary({}, 300), 300);
}

}  // namespace
}  // namespace heddle::data
