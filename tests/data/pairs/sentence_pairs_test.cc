#include "heddle/data/pairs/sentence_pairs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "heddle/base/error.h"

namespace heddle::data {
namespace {

constexpr RandomKey kKey = {.seed = 8};
const std::vector<int64_t> kDocuments = {5, 1, 9, 2, 30};  // 4 + 0 + 8 + 1 + 29 pairs

int64_t negatives(const std::vector<SentencePair>& pairs) {
  return std::ranges::count(pairs, false, &SentencePair::positive);
}

TEST(SentencePairs, PositivesFollowEachOther) {
  const auto pairs = make_sentence_pairs(kDocuments, {.negatives = 0}, kKey);
  EXPECT_EQ(pairs.size(), 42u);
  for (const SentencePair& pair : pairs) {
    EXPECT_TRUE(pair.positive);
    EXPECT_EQ(pair.first.document, pair.second.document);
    EXPECT_EQ(pair.first.sentence + 1, pair.second.sentence);
  }
}

TEST(SentencePairs, NegativesAreOfTheirKind) {
  for (NegativeKind kind : {NegativeKind::random, NegativeKind::same_document, NegativeKind::swapped}) {
    const auto pairs = make_sentence_pairs(kDocuments, {.negative = kind}, kKey);
    EXPECT_EQ(pairs.size(), 42u);
    EXPECT_EQ(negatives(pairs), 21) << "balanced";
    for (const auto& [first, second, positive] : pairs) {
      ASSERT_LT(second.sentence, kDocuments[static_cast<size_t>(second.document)]);
      if (positive) continue;
      EXPECT_EQ(first.document == second.document, kind != NegativeKind::random);
      const int64_t apart = second.sentence - first.sentence;
      EXPECT_TRUE(kind != NegativeKind::swapped || apart == -1);
      EXPECT_TRUE(kind != NegativeKind::same_document || (apart != 0 && apart != 1));
    }
  }
}

TEST(SentencePairs, RandomNegativesAreEvenOverTheOtherDocuments) {
  std::map<std::pair<int64_t, int64_t>, int64_t> seen;
  int64_t all = 0;
  for (uint64_t seed = 0; seed < 3000; ++seed)
    for (const auto& [first, second, positive] :
         make_sentence_pairs(std::vector<int64_t>{2, 3, 4}, {.negatives = 1}, {.seed = seed})) {
      EXPECT_FALSE(positive);
      if (first.document != 0) continue;
      ++seen[{second.document, second.sentence}];
      ++all;
    }
  EXPECT_EQ(seen.size(), 7u);
  for (const auto& [place, count] : seen)
    EXPECT_NEAR(static_cast<double>(count) / static_cast<double>(all), 1.0 / 7,
                5 * std::sqrt(6.0 / 49 / static_cast<double>(all)));
}

TEST(SentencePairs, ByChanceTheShareVaries) {
  int64_t negative = 0, exact = 0;
  for (uint64_t seed = 0; seed < 500; ++seed) {
    const int64_t found =
        negatives(make_sentence_pairs(kDocuments, {.negatives = 0.25, .balanced = false}, {.seed = seed}));
    negative += found;
    exact += found == 10 || found == 11;
  }
  EXPECT_NEAR(static_cast<double>(negative) / (500 * 42), 0.25, 5 * std::sqrt(0.1875 / (500 * 42)));
  EXPECT_LT(exact, 250);
}

TEST(SentencePairs, HardNegativesAreMostAlike) {
  const PairOptions options = {
      .negative = NegativeKind::hard, .candidates = 200, .similarity = [](SentencePlace, SentencePlace other) {
        return static_cast<double>(other.document == 2 ? 100 - other.sentence : 0);
      }};
  for (const auto& [first, second, positive] : make_sentence_pairs(std::vector<int64_t>{4, 4, 4}, options, kKey))
    EXPECT_TRUE(positive || first.document == 2 || second == (SentencePlace{2, 0}));
  EXPECT_THROW(make_sentence_pairs(kDocuments, {.negative = NegativeKind::hard}, kKey), InputError);
  EXPECT_THROW(make_sentence_pairs(kDocuments, {.negatives = 1.5}, kKey), InputError);
}

TEST(SentencePairs, WhereNoNegativeCanBeMadeAPairStays) {
  EXPECT_EQ(negatives(make_sentence_pairs(std::vector<int64_t>{9}, {.negatives = 1}, kKey)), 0);
  EXPECT_EQ(negatives(make_sentence_pairs(std::vector<int64_t>{2, 2}, {.negative = NegativeKind::same_document}, kKey)),
            0);
  EXPECT_TRUE(make_sentence_pairs({}, {}, kKey).empty());
}

}  // namespace
}  // namespace heddle::data
