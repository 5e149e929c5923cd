#include "heddle/text/regex.h"

#include <gtest/gtest.h>

#include "heddle/base/clock.h"
#include "heddle/base/random.h"
#include "heddle/text/pattern.h"
#include "tests/base/sentence.h"

namespace heddle::text {
namespace {

using Spans = std::vector<std::pair<size_t, size_t>>;

Spans spans(const std::string& pattern, const std::string& text) {
  Spans found;
  Regex(pattern).find_all(text, [&](size_t begin, size_t end) { found.emplace_back(begin, end); });
  return found;
}

TEST(Regex, FindsFromLeftToRight) {
  EXPECT_EQ(spans("a+", "baabca"), (Spans{{1, 3}, {5, 6}}));
  EXPECT_EQ(spans("\\s+(?!\\S)", "a  b "), (Spans{{1, 2}, {4, 5}}));
  EXPECT_TRUE(spans("x", "abc").empty());
}

// An empty match counts, but not right after another.
TEST(Regex, EmptyMatches) {
  EXPECT_EQ(spans("a*", "baa"), (Spans{{0, 0}, {1, 3}}));
  EXPECT_EQ(spans("a*", "éé"), (Spans{{0, 0}, {2, 2}, {4, 4}}));
  EXPECT_EQ(spans("^", "ab"), (Spans{{0, 0}}));
}

// Letters of Unicode 15 and 16, which Debian's Oniguruma does not know.
TEST(Regex, CategoriesAreOfTheTables) {
  for (const char* letter : {"\U00031350", "\U00016D63", "\u1C89"}) {
    EXPECT_EQ(spans("\\p{L}", letter), (Spans{{0, std::string(letter).size()}})) << letter;
    EXPECT_EQ(spans("[^\\s\\p{L}]", letter), Spans{}) << letter;
    EXPECT_EQ(spans("\\w", letter), (Spans{{0, std::string(letter).size()}})) << letter;
    EXPECT_EQ(spans("[\\w]", letter), (Spans{{0, std::string(letter).size()}})) << letter;
    EXPECT_EQ(spans("\\W", letter), Spans{}) << letter;
  }
  EXPECT_EQ(spans("\\d+", "a12\u0663"), (Spans{{1, 5}}));
  EXPECT_EQ(spans("\\\\w", "a\\w"), (Spans{{1, 3}}));  // an escaped backslash is none of these
}

TEST(Regex, WhatIsNoPatternIsRefused) {
  for (const std::string pattern : {"(", "[a", "a{2,1}b)", "\\p{Nobody}", "(?<n>a)\\k<m>"})
    EXPECT_TRUE(contains(sentence_of([&] { Regex{pattern}; }), "cannot be read")) << pattern;
  EXPECT_TRUE(contains(sentence_of([&] { Regex{std::string(1 << 20, 'a')}; }), "longer than"));
}

TEST(Regex, EndlessBacktrackingIsStopped) {
  const double start = steady_seconds();
  const std::string text = std::string(5000, 'a') + "b";
  EXPECT_TRUE(contains(sentence_of([&] { spans("(a+)+$(?=c)|(a|a)*c", text); }), "gave up"));
  EXPECT_LT(steady_seconds() - start, 20.0);
}

// Each search by itself ends soon enough; together they would take an hour.
TEST(Regex, ManyCostlySearchesAreStopped) {
  const double start = steady_seconds();
  std::string text;
  for (int i = 0; i < 2000; ++i) text += std::string(20, 'a') + "c";
  EXPECT_TRUE(contains(sentence_of([&] { spans("(a+)+b|a", text); }), "gave up"));
  EXPECT_LT(steady_seconds() - start, 20.0);
}

// What backtracks a little at every place is no reason to stop, however long the text.
TEST(Regex, LongTextsHaveTheirShareOfTries) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "aaaa b";
  EXPECT_EQ(spans("a+(?= b)|\\s+(?!\\S)|\\w+?(?=b)", text).size(), 200'000u);
}

// What Pattern finds by hand is what the pattern says.
TEST(Regex, RunsFoundByHandAreThoseOfThePattern) {
  RandomStream random(RandomKey{.seed = 3});
  const Pattern pattern = Pattern::regex(" {2,}");
  for (int trial = 0; trial < 300; ++trial) {
    std::string text;
    for (uint64_t k = random.below(20); k > 0; --k) text += random.below(2) == 0 ? " " : "é";
    std::vector<std::pair<size_t, size_t>> found;
    pattern.find_all(text, [&](size_t begin, size_t end) { found.emplace_back(begin, end); });
    EXPECT_EQ(found, spans(" {2,}", text)) << text;
  }
}

}  // namespace
}  // namespace heddle::text
