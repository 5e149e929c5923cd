// The best way to cut a piece, found from left to right, is the best of all ways.

#include "heddle/text/models/unigram.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "heddle/base/random.h"
#include "tests/base/sentence.h"

namespace heddle::text {
namespace {

using Scores = std::map<std::string, double>;

// The highest sum over all ways to cut `text`; a character that is no token costs 10 more than the least probable one.
double best_of_all(const std::string& text, const Scores& scores) {
  double least = 0;
  for (const auto& [token, score] : scores) least = std::min(least, score);
  std::function<double(size_t)> best = [&](size_t at) {
    if (at == text.size()) return 0.0;
    double found = -1e300;
    for (size_t length = 1; at + length <= text.size(); ++length) {
      const auto score = scores.find(text.substr(at, length));
      if (score != scores.end()) found = std::max(found, score->second + best(at + length));
      else if (length == 1) found = std::max(found, least - 10 + best(at + 1));
    }
    return found;
  };
  return best(0);
}

TEST(Unigram, FindsTheBestOfAllWays) {
  RandomStream random(RandomKey{.seed = 13});
  for (int trial = 0; trial < 300; ++trial) {
    Scores scores;
    for (uint64_t k = 2 + random.below(10); k > 0; --k) {
      std::string token;
      for (uint64_t length = 1 + random.below(4); length > 0; --length) token += "abc"[random.below(3)];
      scores[token] = -1 - static_cast<double>(random.below(1000)) / 100;
    }
    std::vector<std::pair<std::string, double>> tokens = {{"<unk>", 0}};
    tokens.insert(tokens.end(), scores.begin(), scores.end());
    const Unigram model(tokens, 0, false);
    std::string text;
    for (uint64_t k = 1 + random.below(12); k > 0; --k) text += "abcd"[random.below(4)];  // "d" is never a token
    std::vector<Token> found;
    model.tokenize(text, false, found);
    double sum = 0, least = 0;
    for (const auto& [token, score] : scores) least = std::min(least, score);
    uint32_t at = 0;
    for (const Token& token : found) {
      EXPECT_EQ(token.begin, at);
      at = token.end;
      sum += token.id == 0 ? (least - 10) * (token.end - token.begin) : tokens[static_cast<size_t>(token.id)].second;
    }
    EXPECT_EQ(at, text.size());
    EXPECT_NEAR(sum, best_of_all(text, scores), 1e-9) << text;
  }
}

// Gives out what encode() appends.
class OpenUnigram : public Unigram {
 public:
  using Unigram::append_ids;
  using Unigram::Unigram;
};

// Many ways to cut are as good here, so that rounding decides; and unknown characters stand beside borders.
TEST(Unigram, LongPiecesCutInPartsGiveTheSameIds) {
  RandomStream random(RandomKey{.seed = 14});
  const std::vector<std::string> letters = {"a", "b", "c", "哈", "呀", "，", "。", "𠮷"};  // the last is never a token
  const auto letter = [&](uint64_t kinds) { return letters[random.below(kinds)]; };
  for (int trial = 0; trial < 200; ++trial) {
    Scores scores;
    for (uint64_t k = 5 + random.below(20); k > 0; --k) {
      std::string token;
      for (uint64_t length = 1 + random.below(4); length > 0; --length) token += letter(7);
      scores[token] = -0.1 * static_cast<double>(1 + random.below(trial % 2 == 0 ? 5 : 500));
    }
    std::vector<std::pair<std::string, double>> tokens = {{"<unk>", 0}};
    tokens.insert(tokens.end(), scores.begin(), scores.end());
    const OpenUnigram model(tokens, 0, trial % 7 == 0);
    for (int i = 0; i < 5; ++i) {
      std::string text;
      for (uint64_t k = 40 + random.below(800); k > 0; --k) text += letter(trial % 3 == 0 ? 8 : 7);
      std::vector<Token> found;
      model.tokenize(text, false, found);
      std::vector<int32_t> wanted, ids;
      for (const Token& token : found) wanted.push_back(token.id);
      model.append_ids(text, false, ids);
      ASSERT_EQ(ids, wanted) << text;
    }
  }
}

TEST(Unigram, UnknownNeighboursAreOneToken) {
  const Unigram model({{"<unk>", 0}, {"a", -1}}, 0, false);
  std::vector<Token> tokens;
  model.tokenize("xya日本", false, tokens);
  EXPECT_EQ(tokens, (std::vector<Token>{{0, 0, 2, true}, {1, 2, 3}, {0, 3, 9, true}}));
}

TEST(Unigram, WithoutAnUnknownTokenSuchTextIsRefused) {
  const Unigram model({{"a", -1}}, Vocabulary::kNone, false);
  std::vector<Token> tokens;
  EXPECT_TRUE(contains(sentence_of([&] { model.tokenize("ab", false, tokens); }), "\"b\""));
}

}  // namespace
}  // namespace heddle::text
