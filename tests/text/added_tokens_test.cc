#include "heddle/text/added_tokens.h"

#include <gtest/gtest.h>

#include <set>

#include "heddle/base/random.h"

namespace heddle::text {
namespace {

TEST(TokenMatcher, TheLongestIsFoundAsBySearchingAll) {
  RandomStream random(RandomKey{.seed = 9});
  const auto draw = [&](uint64_t most) {
    std::string text;
    for (uint64_t k = 1 + random.below(most); k > 0; --k) text += "ab\xC3"[random.below(3)];
    return text;
  };
  int found = 0;
  for (int trial = 0; trial < 300; ++trial) {
    std::set<std::string> contents;
    for (uint64_t k = random.below(8); k > 0; --k) contents.insert(draw(5));
    std::vector<std::pair<std::string, size_t>> tokens;
    for (const std::string& content : contents) tokens.emplace_back(content, tokens.size());
    const TokenMatcher matcher(tokens);
    const std::string text = draw(20);
    for (size_t at = 0; at < text.size(); ++at) {
      size_t begin = at;
      std::string longest;
      for (; begin < text.size() && longest.empty(); ++begin)
        for (const std::string& content : contents)
          if (text.compare(begin, content.size(), content) == 0 && content.size() > longest.size()) longest = content;
      const auto hit = matcher.find(text, at);
      ASSERT_EQ(hit.has_value(), !longest.empty());
      if (!hit) continue;
      EXPECT_EQ(hit->begin, begin - 1);
      EXPECT_EQ(tokens[hit->index].first, longest);
      ++found;
    }
  }
  EXPECT_GT(found, 500);
}

// What a token takes with it and where it does not count, by its flags.
TEST(AddedTokens, FlagsAreHeld) {
  const auto cut = [](AddedToken token, const std::string& text) {
    token.content = "<x>";
    const AddedTokens tokens({token}, nullptr);
    std::string shown;
    tokens.cut(text, token.normalized, [&](size_t begin, size_t end, int32_t added = Piece::kNone) {
      shown +=
          (added == Piece::kNone ? "(" : "[") + text.substr(begin, end - begin) + (added == Piece::kNone ? ")" : "]");
    });
    return shown;
  };
  EXPECT_EQ(cut({}, "a <x> b"), "(a )[<x>]( b)");
  EXPECT_EQ(cut({.lstrip = true}, "a \t<x> b"), "(a)[ \t<x>]( b)");
  EXPECT_EQ(cut({.rstrip = true}, "a <x>\u3000 b"), "(a )[<x>\u3000 ](b)");
  EXPECT_EQ(cut({.rstrip = true}, "<x>  <x>"), "[<x>  ][<x>]");
  EXPECT_EQ(cut({.lstrip = true, .rstrip = true}, "<x>  <x>"), "[<x>  ][<x>]");  // space goes to the first
  EXPECT_EQ(cut({.single_word = true}, "a<x> <x>b <x>"), "(a<x> <x>b )[<x>]");
  EXPECT_EQ(cut({.normalized = true}, "<x>"), "[<x>]");
  EXPECT_EQ(cut({}, ""), "");
}

}  // namespace
}  // namespace heddle::text
