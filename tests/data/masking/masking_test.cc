#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "heddle/base/error.h"
#include "heddle/data/masking/mask_units.h"
#include "heddle/data/masking/masked_sequence.h"
#include "heddle/data/masking/token_weights.h"

namespace heddle::data {
namespace {

int64_t tokens_in(std::span<const TokenRange> units) {
  int64_t sum = 0;
  for (const TokenRange& unit : units) sum += unit.end - unit.begin;
  return sum;
}

// Words of 1 to 4 pieces; 1 begins a word.
std::vector<uint8_t> word_starts(int64_t tokens) {
  RandomStream random({.seed = 2});
  std::vector<uint8_t> starts;
  while (std::ssize(starts) < tokens) {
    starts.push_back(1);
    starts.insert(starts.end(), random.below(4), 0);
  }
  starts.resize(static_cast<size_t>(tokens));
  return starts;
}

// A share counted over n draws lies within five standard deviations of its probability.
void expect_share(int64_t count, int64_t n, double p) {
  EXPECT_NEAR(static_cast<double>(count) / static_cast<double>(n), p,
              5 * std::sqrt(p * (1 - p) / static_cast<double>(n)));
}

TEST(MaskUnits, TokensAndWordsLeaveSpecialTokensOut) {
  const std::vector<uint8_t> starts = {1, 1, 0, 1, 0, 0, 1}, special = {1, 0, 0, 0, 0, 0, 1};
  EXPECT_EQ(token_units(3), (std::vector<TokenRange>{{0, 1}, {1, 2}, {2, 3}}));
  EXPECT_EQ(token_units(7, special).size(), 5u);
  EXPECT_EQ(word_units(starts), (std::vector<TokenRange>{{0, 1}, {1, 3}, {3, 6}, {6, 7}}));
  EXPECT_EQ(word_units(starts, special), (std::vector<TokenRange>{{1, 3}, {3, 6}}));
  EXPECT_EQ(word_units(std::vector<uint8_t>{1, 0, 0, 0}, std::vector<uint8_t>{0, 0, 1, 0}),
            (std::vector<TokenRange>{{0, 2}, {3, 4}}))
      << "a special token ends a word";
}

TEST(MaskUnits, SpansCoverAllWordsWithGeometricLengths) {
  const auto words = token_units(200000);
  RandomStream random({.seed = 1});
  const auto spans = span_units(words, 0.2, 10, random);
  EXPECT_EQ(tokens_in(spans), 200000);
  std::map<int64_t, int64_t> lengths;
  for (size_t i = 0; i < spans.size(); ++i) {
    ++lengths[spans[i].end - spans[i].begin];
    ASSERT_TRUE(i == 0 || spans[i].begin == spans[i - 1].end);
  }
  EXPECT_EQ(lengths.rbegin()->first, 10);
  const double whole = 1 - std::pow(0.8, 10);
  for (int64_t length = 1; length <= 10; ++length)
    expect_share(lengths[length], std::ssize(spans), 0.2 * std::pow(0.8, static_cast<double>(length - 1)) / whole);
  EXPECT_THROW(span_units(words, 0, 10, random), InputError);
}

TEST(MaskUnits, NGramsBeginAtRandomPlaces) {
  const auto words = token_units(7);
  std::set<std::vector<int32_t>> seen;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    RandomStream random({.seed = seed});
    std::vector<int32_t> begins;
    const auto units = ngram_units(words, 3, random);
    EXPECT_EQ(tokens_in(units), 7);
    for (const TokenRange& unit : units) begins.push_back(unit.begin);
    seen.insert(begins);
  }
  EXPECT_EQ(seen, (std::set<std::vector<int32_t>>{{0, 3, 6}, {0, 1, 4}, {0, 2, 5}}));
}

TEST(MaskUnits, TheRateHoldsForTokensWordsAndSpans) {
  const auto starts = word_starts(64);
  for (double rate : {0.0, 0.15, 0.4, 1.0})
    for (int kind = 0; kind < 3; ++kind) {
      constexpr int kDraws = 4000;
      double sum = 0, squares = 0;
      for (uint64_t draw = 0; draw < kDraws; ++draw) {
        RandomStream random({.seed = draw, .step = static_cast<uint64_t>(kind)});
        const auto words = word_units(starts);
        const auto units = kind == 0 ? token_units(64) : kind == 1 ? words : span_units(words, 0.2, 10, random);
        const auto chosen = select_units(units, rate, {}, random);
        EXPECT_TRUE(std::ranges::is_sorted(chosen, {}, &TokenRange::begin));
        const auto taken = static_cast<double>(tokens_in(chosen));
        sum += taken;
        squares += taken * taken;
      }
      const double mean = sum / kDraws, deviation = std::sqrt(std::max(0.0, squares / kDraws - mean * mean) / kDraws);
      EXPECT_NEAR(mean, rate * 64, 5 * deviation + 1e-9) << rate << " " << kind;
    }
  RandomStream random({});
  EXPECT_THROW(select_units(token_units(3), 1.5, {}, random), InputError);
}

TEST(MaskUnits, EveryTokenIsChosenAlikeAndIndependentlyOfOthers) {
  std::vector<int64_t> chosen(20);
  int64_t together = 0;
  constexpr int64_t kDraws = 20000;
  for (uint64_t draw = 0; draw < kDraws; ++draw) {
    RandomStream random({.seed = draw});
    std::set<int32_t> at;
    for (const TokenRange& unit : select_units(token_units(20), 0.25, {}, random)) at.insert(unit.begin);
    EXPECT_EQ(at.size(), 5u);
    for (int32_t i : at) ++chosen[static_cast<size_t>(i)];
    together += at.contains(3) && at.contains(4);
  }
  for (int64_t count : chosen) expect_share(count, kDraws, 0.25);
  expect_share(together, kDraws, 5.0 / 20 * 4 / 19);  // neighbours are no more often together than any two
}

TEST(MaskUnits, WeightsDecideWhoIsChosenFirst) {
  const std::vector<double> weights = {1, 2, 4, 0, 3};
  std::vector<int64_t> first(5);
  constexpr int64_t kDraws = 20000;
  for (uint64_t draw = 0; draw < kDraws; ++draw) {
    RandomStream random({.seed = draw});
    for (const TokenRange& unit : select_units(token_units(5), 0.2, weights, random))
      ++first[static_cast<size_t>(unit.begin)];
  }
  EXPECT_EQ(first[3], 0) << "a weight of 0 is never chosen";
  for (size_t i = 0; i < 5; ++i) expect_share(first[i], kDraws, weights[i] / 10);
  RandomStream random({});
  EXPECT_THROW(select_units(token_units(2), 0.5, std::vector<double>{1, -1}, random), InputError);
  EXPECT_EQ(unit_weights(std::vector<TokenRange>{{0, 1}, {1, 3}}, std::vector<double>{5, 1, 2}),
            (std::vector<double>{5, 1.5}));
}

TEST(TokenWeights, RareTokensAndThoseOfThisDocumentMatterMore) {
  TokenCounts counts;
  for (int i = 0; i < 10; ++i) counts.add(std::vector<int32_t>{0, 0, 0, i == 0 ? 1 : 2});
  const std::vector<int32_t> ids = {0, 1, 2, 0, 7};
  const auto rarity = counts.rarity(ids, 0.5);
  EXPECT_DOUBLE_EQ(rarity[0], std::sqrt(40.0 / 30));
  EXPECT_DOUBLE_EQ(rarity[1], std::sqrt(40.0));
  EXPECT_DOUBLE_EQ(rarity[4], std::sqrt(40.0)) << "unseen counts as once";
  EXPECT_DOUBLE_EQ(counts.rarity(ids, 0)[0], 1);
  const auto tf_idf = counts.tf_idf(ids);
  EXPECT_DOUBLE_EQ(tf_idf[0], 0.4 * (std::log(11.0 / 11) + 1));
  EXPECT_DOUBLE_EQ(tf_idf[1], 0.2 * (std::log(11.0 / 2) + 1));
  EXPECT_DOUBLE_EQ(tf_idf[4], 0.2 * (std::log(11.0 / 1) + 1));
  EXPECT_THROW(counts.add(std::vector<int32_t>{-1}), InputError);
}

TEST(TokenWeights, TokensNearTheMeanOfTheVectorsMatterMost) {
  const std::vector<float> vectors = {1, 0,  2, 0, 0,
                                      3, -1, 0, 0, 0};  // 0 and 1 point alike, 2 aside, 3 back, 4 nowhere
  const auto weights = vector_relevance(std::vector<int32_t>{0, 1, 2, 4}, vectors, 2);
  EXPECT_DOUBLE_EQ(weights[0], 2 / std::sqrt(5.0));  // the mean of the units is (2, 1)
  EXPECT_DOUBLE_EQ(weights[1], weights[0]);
  EXPECT_DOUBLE_EQ(weights[2], 1 / std::sqrt(5.0));
  EXPECT_DOUBLE_EQ(weights[3], 5 / std::sqrt(5.0) / 3) << "as the others on average";
  EXPECT_EQ(vector_relevance(std::vector<int32_t>{0, 0, 3}, vectors, 2), (std::vector<double>{1, 1, 0}));
  EXPECT_EQ(vector_relevance(std::vector<int32_t>{4, 4}, vectors, 2), (std::vector<double>{1, 1}));
  EXPECT_EQ(vector_relevance(std::vector<int32_t>{0, 3}, vectors, 2), (std::vector<double>{1, 1})) << "no mean";
  EXPECT_THROW(vector_relevance(std::vector<int32_t>{5}, vectors, 2), InputError);
  EXPECT_THROW(vector_relevance(std::vector<int32_t>{0}, vectors, 0), InputError);
}

TEST(MaskedSequence, MasksReplacesAndKeepsInTheirShares) {
  std::vector<int32_t> ids(50);
  std::iota(ids.begin(), ids.end(), 100);
  const MaskOptions options = {.mask_id = 4, .first_id = 5, .vocabulary = 100};
  std::array<int64_t, 3> fates = {};
  std::vector<int64_t> replaced(100);
  for (uint64_t draw = 0; draw < 4000; ++draw) {
    RandomStream random({.seed = draw});
    const auto chosen = select_units(token_units(50), 0.2, {}, random);
    const auto masked = mask_sequence(ids, chosen, options, random);
    ASSERT_EQ(masked.position.size(), 10u);
    for (size_t i = 0, k = 0; i < ids.size(); ++i) {
      const bool target = k < 10 && masked.position[k] == static_cast<int32_t>(i);
      if (!target) {
        EXPECT_EQ(masked.input[i], ids[i]);
        continue;
      }
      EXPECT_EQ(masked.target[k++], ids[i]);
      const int32_t now = masked.input[i];
      ++fates[now == 4 ? 0 : now == ids[i] ? 2 : 1];
      if (now != 4 && now != ids[i]) ++replaced[static_cast<size_t>(now)];
    }
  }
  expect_share(fates[0], 40000, 0.8);
  expect_share(fates[1], 40000, 0.1);
  expect_share(fates[2], 40000, 0.1);
  for (size_t id = 0; id < 100; ++id) expect_share(replaced[id], fates[1], id < 5 ? 0 : 1.0 / 95);
}

TEST(MaskedSequence, AUnitHasOneFate) {
  const std::vector<int32_t> ids = {10, 11, 12, 13};
  for (uint64_t draw = 0; draw < 100; ++draw) {
    RandomStream random({.seed = draw});
    const auto masked =
        mask_sequence(ids, std::vector<TokenRange>{{1, 3}}, {.mask = 0.5, .replace = 0, .mask_id = 4}, random);
    EXPECT_EQ(masked.input[1] == 4, masked.input[2] == 4);
  }
}

TEST(MaskedSequence, NoiseAndASubsetToPredict) {
  std::vector<int32_t> ids(1000, 150);
  ids[0] = 1;
  int64_t noisy = 0, predicted = 0;
  for (uint64_t draw = 0; draw < 20; ++draw) {
    RandomStream random({.seed = draw});
    const auto chosen = select_units(token_units(1000), 0.5, {}, random);
    const auto masked = mask_sequence(
        ids, chosen,
        {.mask = 1, .replace = 0, .mask_id = 4, .first_id = 5, .vocabulary = 100, .noise = 0.1, .predict = 0.25},
        random);
    predicted += std::ssize(masked.position);
    noisy += std::ranges::count_if(masked.input, [](int32_t id) { return id >= 5 && id < 100; });
    EXPECT_TRUE(masked.input[0] == 1 || masked.input[0] == 4) << "special tokens are no noise";
  }
  expect_share(noisy, 20 * 500, 0.1);
  expect_share(predicted, 20 * 500, 0.25);
  RandomStream random({});
  EXPECT_THROW(mask_sequence(ids, {}, {.mask = 0.9, .replace = 0.2, .vocabulary = 9}, random), InputError);
  EXPECT_THROW(mask_sequence(ids, {}, {.vocabulary = 0}, random), InputError);
}

TEST(MaskedSequence, StaticMasksStayDynamicMasksChange) {
  EXPECT_EQ(mask_key(1, 7, 0, 1).key(), mask_key(1, 7, 5, 1).key());
  EXPECT_EQ(mask_key(1, 7, 3, 10).key(), mask_key(1, 7, 13, 10).key());
  EXPECT_NE(mask_key(1, 7, 3, 10).key(), mask_key(1, 7, 4, 10).key());
  EXPECT_NE(mask_key(1, 7, 0, 0).key(), mask_key(1, 7, 1, 0).key());
  EXPECT_NE(mask_key(1, 7, 0, 1).key(), mask_key(1, 8, 0, 1).key());
}

}  // namespace
}  // namespace heddle::data
