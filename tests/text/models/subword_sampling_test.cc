// Words cut at random: by which law, and that the stream alone decides.

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "heddle/text/models/bpe.h"
#include "heddle/text/models/unigram.h"
#include "heddle/text/models/word_level.h"
#include "heddle/text/models/word_piece.h"
#include "tests/text/trained_tokenizer.h"

namespace heddle::text {
namespace {

std::vector<std::string> sampled(const Model& model, std::string_view piece, const SubwordSampling& how,
                                 RandomStream& random) {
  std::vector<Token> tokens;
  model.sample(piece, false, how, random, tokens);
  std::vector<std::string> texts;
  uint32_t at = 0;
  for (const Token& token : tokens) {
    EXPECT_EQ(token.begin, at) << "tokens lie end to end";
    at = token.end;
    texts.emplace_back(model.vocabulary().token(token.id));
  }
  EXPECT_EQ(at, piece.size());
  return texts;
}

std::map<std::vector<std::string>, double> shares(const Model& model, std::string_view piece,
                                                  const SubwordSampling& how) {
  RandomStream random(RandomKey{.seed = 31});
  constexpr int kDraws = 20000;
  std::map<std::vector<std::string>, double> shares;
  for (int i = 0; i < kDraws; ++i) shares[sampled(model, piece, how, random)] += 1.0 / kDraws;
  return shares;
}

using Cut = std::vector<std::string>;
constexpr double kWithin = 0.02;  // more than five standard deviations of a share of 20,000 draws

TEST(SubwordSampling, BpePassesEachMergeOverByItself) {
  const Bpe model(Vocabulary(std::vector<std::string>{"a", "b", "c", "ab", "abc", "bc"}), {{0, 1}, {3, 2}, {1, 2}});
  const double p = 0.25;
  auto found = shares(model, "abc", {.dropout = p});
  EXPECT_NEAR((found[Cut{"abc"}]), (1 - p) * (1 - p), kWithin);
  EXPECT_NEAR((found[Cut{"ab", "c"}]), (1 - p) * p, kWithin);
  EXPECT_NEAR((found[Cut{"a", "bc"}]), p * (1 - p), kWithin);
  EXPECT_NEAR((found[Cut{"a", "b", "c"}]), p * p, kWithin);
}

TEST(SubwordSampling, WordPiecePassesTokensOverForShorterOnes) {
  const WordPiece model(Vocabulary(std::vector<std::string>{"[UNK]", "a", "ab", "abc", "##b", "##c", "##bc", "##d"}));
  const double p = 0.4;
  auto found = shares(model, "abc", {.dropout = p});
  EXPECT_NEAR((found[Cut{"abc"}]), 1 - p, kWithin);
  EXPECT_NEAR((found[Cut{"ab", "##c"}]), p * (1 - p), kWithin);
  EXPECT_NEAR((found[Cut{"a", "##bc"}]), p * p * (1 - p), kWithin);
  EXPECT_NEAR((found[Cut{"a", "##b", "##c"}]), p * p * p, kWithin);
  // "abcd" can end in "##d" only; "abcx" is unknown however it is cut.
  auto unknown = shares(model, "abcx", {.dropout = p});
  EXPECT_NEAR((unknown[Cut{"[UNK]"}]), 1, 1e-9);
}

TEST(SubwordSampling, UnigramDrawsByTheProbabilityOfTheCut) {
  const Unigram model({{"<unk>", 0}, {"a", -1}, {"b", -2}, {"ab", -2.5}, {"c", -1.5}, {"bc", -3}}, 0, false);
  const std::map<Cut, double> scores = {{{"a", "b", "c"}, -4.5}, {{"ab", "c"}, -4}, {{"a", "bc"}, -4}};
  const double alpha = 0.7;
  double sum = 0;
  for (const auto& [cut, score] : scores) sum += std::exp(alpha * score);
  auto found = shares(model, "abc", {.dropout = 1, .alpha = alpha});
  for (const auto& [cut, score] : scores) EXPECT_NEAR(found[cut], std::exp(alpha * score) / sum, kWithin);
  // Half of the words as usual: the best cut, of equals the one found first.
  const double half = std::exp(alpha * -4.5) / sum / 2;
  EXPECT_NEAR((shares(model, "abc", {.dropout = 0.5, .alpha = alpha})[Cut{"a", "b", "c"}]), half, kWithin);
  // Of the two best, which are as likely.
  auto best = shares(model, "abc", {.dropout = 1, .alpha = alpha, .nbest = 2});
  EXPECT_NEAR((best[Cut{"ab", "c"}]), 0.5, kWithin);
  EXPECT_NEAR((best[Cut{"a", "bc"}]), 0.5, kWithin);
  const auto cuts = model.best_cuts("abc", 10);
  ASSERT_EQ(cuts.size(), 3u);
  EXPECT_DOUBLE_EQ(cuts[0].second, -4);
  EXPECT_DOUBLE_EQ(cuts[2].second, -4.5);
}

TEST(SubwordSampling, UnknownNeighboursStayOneToken) {
  const Unigram model({{"<unk>", 0}, {"a", -1}}, 0, false);
  RandomStream random(RandomKey{.seed = 32});
  std::vector<Token> tokens;
  model.sample("xya日本", false, {.dropout = 1}, random, tokens);
  EXPECT_EQ(tokens, (std::vector<Token>{{0, 0, 2, true}, {1, 2, 3}, {0, 3, 9, true}}));
}

TEST(SubwordSampling, WithoutDropoutAndForWholeWordsNothingChanges) {
  const Tokenizer tokenizer = trained_tokenizer();
  RandomStream random(RandomKey{.seed = 33});
  EXPECT_EQ(tokenizer.sample("the weaver weaves", {}, random), tokenizer.encode("the weaver weaves"));
  const WordLevel words(Vocabulary(std::vector<std::string>{"<unk>", "word"}), "<unk>");
  EXPECT_EQ(sampled(words, "word", {.dropout = 1}, random), Cut{"word"});
}

TEST(SubwordSampling, ATextIsDecodedToItselfHoweverItIsCut) {
  const Tokenizer tokenizer = trained_tokenizer();
  const std::string text = "the weaver weaves über die Größe <s> 12 1234 \xF0\x9F\xA7\xB5 the warp";
  std::map<std::vector<int32_t>, int> seen;
  for (uint64_t stream = 0; stream < 50; ++stream) {
    RandomStream random(RandomKey{.seed = 34}, stream), again = random;
    const auto ids = tokenizer.sample(text, {.dropout = 0.3}, random);
    EXPECT_EQ(ids, tokenizer.sample(text, {.dropout = 0.3}, again)) << "the stream decides, and nothing else";
    EXPECT_EQ(tokenizer.decode(ids, false), text + "</s>");
    ++seen[ids];
  }
  EXPECT_GT(seen.size(), 40u);
}

TEST(SubwordSampling, TruncationAndPaddingHoldForItToo) {
  TokenizerParts parts = trained_tokenizer().parts();
  parts.truncation = Truncation{.max_length = 5};
  const Tokenizer tokenizer(parts);
  RandomStream random(RandomKey{.seed = 35});
  const auto ids = tokenizer.sample("the weaver weaves the warp", {.dropout = 0.5}, random);
  ASSERT_EQ(ids.size(), 5u);
  EXPECT_EQ(ids.back(), *tokenizer.end_id());
}

}  // namespace
}  // namespace heddle::text
