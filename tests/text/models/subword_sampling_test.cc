// Words cut at random: by which law, and that the stream alone decides.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "heddle/base/error.h"
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
  const auto cuts = model.best_cuts("abc", false, 10);
  ASSERT_EQ(cuts.size(), 3u);
  EXPECT_DOUBLE_EQ(cuts[0].score, -4);
  EXPECT_DOUBLE_EQ(cuts[2].score, -4.5);
}

TEST(SubwordSampling, UnknownNeighboursStayOneToken) {
  const Unigram model({{"<unk>", 0}, {"a", -1}}, 0, false);
  RandomStream random(RandomKey{.seed = 32});
  std::vector<Token> tokens;
  model.sample("xya日本", false, {.dropout = 1}, random, tokens);
  EXPECT_EQ(tokens, (std::vector<Token>{{0, 0, 2, true}, {1, 2, 3}, {0, 3, 9, true}}));
}

Tokenizer words_of_unigram() {
  return Tokenizer::from_json(R"({"pre_tokenizer":{"type":"WhitespaceSplit"},
    "added_tokens":[{"id":9,"content":"<x>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}],
    "model":{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0],["a",-1],["b",-2.1],["ab",-2.5],["c",-1.5],["bc",-3.2],
    ["abc",-4.7],["ca",-2.25],["bca",-4]]}})",
                              "file.json");
}

// All ways to cut all words, written out: the best of a text are the best of these.
TEST(SubwordSampling, TheBestCutsOfATextAreTheBestOfAll) {
  const Tokenizer tokenizer = words_of_unigram();
  RandomStream random(RandomKey{.seed = 36});
  for (int trial = 0; trial < 40; ++trial) {
    std::string text;
    for (uint64_t left = 1 + random.below(9); left > 0; --left)
      text += std::array{"a", "b", "c", "ab", "ca", " ", "日", " <x> "}[random.below(8)];
    std::vector<Tokenizer::ScoredIds> all = {{}};
    std::string_view rest = text;
    const auto put_behind = [&](const std::vector<ScoredCut>& cuts) {
      std::vector<Tokenizer::ScoredIds> longer;
      for (const auto& way : all)
        for (const ScoredCut& cut : cuts) {
          longer.push_back({way.ids, way.score + cut.score});
          for (const Token& token : cut.tokens) longer.back().ids.push_back(token.id);
        }
      all = std::move(longer);
    };
    while (!rest.empty()) {
      const bool special = rest.starts_with("<x>");
      const size_t length = special ? 3 : rest[0] == ' ' ? 1 : std::min(rest.find_first_of(" <"), rest.size());
      if (special) put_behind({{{{9, 0, 3}}, 0}});
      else if (rest[0] != ' ') put_behind(tokenizer.parts().model->best_cuts(rest.substr(0, length), false, 100000));
      rest.remove_prefix(length);
    }
    std::ranges::stable_sort(all, std::greater<>(), &Tokenizer::ScoredIds::score);
    for (const int64_t most : {1, 3, 40, 100000}) {
      const auto found = tokenizer.nbest(text, most);
      ASSERT_EQ(found.size(), std::min(all.size(), static_cast<size_t>(most))) << text;
      std::set<std::vector<int32_t>> different;
      for (size_t i = 0; i < found.size(); ++i) {
        EXPECT_NEAR(found[i].score, all[i].score, 1e-9) << text << ", way " << i;
        const auto same = [&](const auto& way) { return way.ids == found[i].ids; };
        const auto it = std::ranges::find_if(all, same);
        ASSERT_NE(it, all.end());
        EXPECT_NEAR(it->score, found[i].score, 1e-9);
        different.insert(found[i].ids);
      }
      EXPECT_EQ(different.size(), found.size());
    }
    EXPECT_NEAR(tokenizer.nbest(text, 1)[0].score, all[0].score, 1e-9);
  }
  EXPECT_THROW(tokenizer.nbest("a", 0), InputError);
  EXPECT_EQ(trained_tokenizer().nbest("the weaver", 5)[0].ids, trained_tokenizer().encode("the weaver"));
}

// A whole text is drawn from its best cuts: words do not vary by themselves.
TEST(SubwordSampling, TextsAreDrawnFromTheirBestCuts) {
  const Tokenizer tokenizer = words_of_unigram();
  const std::string text = "abc <x> bca";
  const double alpha = 0.7;
  const auto best = tokenizer.nbest(text, 3);
  ASSERT_EQ(best.size(), 3u);
  EXPECT_EQ(best[0].ids, tokenizer.encode(text));
  double sum = 0;
  for (const auto& way : best) sum += std::exp(alpha * way.score);
  for (const double dropout : {1.0, 0.5}) {
    RandomStream random(RandomKey{.seed = 37});
    constexpr int kDraws = 20000;
    std::map<std::vector<int32_t>, double> found;
    for (int i = 0; i < kDraws; ++i)
      found[tokenizer.sample(text, {.dropout = dropout, .alpha = alpha, .nbest = 3}, random)] += 1.0 / kDraws;
    EXPECT_EQ(found.size(), 3u);
    for (const auto& way : best) {
      const double usual = way.ids == best[0].ids ? 1 - dropout : 0;
      EXPECT_NEAR(found[way.ids], usual + dropout * std::exp(alpha * way.score) / sum, kWithin);
    }
  }
}

// Ten thousand words of several cuts each: more ways than numbers could count.
TEST(SubwordSampling, TheBestCutsOfALongTextAreFound) {
  std::string text;
  for (int i = 0; i < 10000; ++i) text += "abcab ";
  const auto found = words_of_unigram().nbest(text, 20);
  ASSERT_EQ(found.size(), 20u);
  for (size_t i = 1; i < found.size(); ++i) EXPECT_LE(found[i].score, found[i - 1].score);
  EXPECT_THROW(words_of_unigram().nbest(std::string(1 << 20, 'a'), 1000), InputError);
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
