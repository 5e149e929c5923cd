#include "heddle/kernels/mask.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>

#include "tests/kernels/mask_formulas.h"

namespace heddle::kernels {
namespace {

template <class Rule>
void expect_rule(const Mask& mask, Rule&& rule) {
  for (int64_t q = 0; q < 20; ++q)
    for (int64_t k = 0; k < 20; ++k) EXPECT_EQ(mask.allowed(q, k), rule(q, k)) << q << ", " << k;
}

TEST(Mask, EachKindIsItsDefinition) {
  expect_rule(Mask(), [](int64_t, int64_t) { return true; });
  expect_rule(Mask::full(), [](int64_t, int64_t) { return true; });
  expect_rule(Mask::causal(), [](int64_t q, int64_t k) { return k <= q; });
  expect_rule(Mask::window(3), [](int64_t q, int64_t k) { return std::abs(q - k) < 3; });
  expect_rule(Mask::dilated(4), [](int64_t q, int64_t k) { return (q - k) % 4 == 0; });
  expect_rule(Mask::prefix(6), [](int64_t, int64_t k) { return k < 6; });
  expect_rule(Mask::block(5), [](int64_t q, int64_t k) { return q / 5 == k / 5; });
  expect_rule(Mask::before_block(5, 7), [](int64_t q, int64_t k) { return k < q / 5 * 5 && k >= q / 5 * 5 - 7; });
  expect_rule(Mask::diagonal(), [](int64_t q, int64_t k) { return q == k; });
  expect_rule(Mask::global(3), [](int64_t q, int64_t k) { return q < 3 || k < 3; });
  expect_rule(Mask::block_sparse(4, 0), [](int64_t q, int64_t k) { return std::abs(q / 4 - k / 4) <= 1; });
  expect_rule(Mask::document(), [](int64_t, int64_t) { return true; });
  expect_rule(Mask::padding(), [](int64_t, int64_t) { return true; });
  const KeyRange keys[] = {{7, 9}, {0, 1}, {8, 11}, {15, 15}, {18, 90}};
  expect_rule(Mask::arbitrary(keys), [](int64_t, int64_t k) { return k == 0 || (k >= 7 && k < 11) || k >= 18; });
  expect_rule(Mask::arbitrary({}), [](int64_t, int64_t) { return false; });
  expect_rule(Mask::bias(Mask::causal(), 2.5), [](int64_t, int64_t) { return true; });
}

// Every row of blocks draws among those before it, whatever the length, and is seen by those it draws.
TEST(Mask, BlocksDrawFewOthersAndAreSeenByThem) {
  const Mask mask = Mask::block_sparse(4, 2, 9);
  for (int64_t row = 0; row < 60; ++row) {
    int drawn = 0;
    for (int64_t block = 0; block + 1 < row; ++block) {
      const bool sees = mask.allowed(row * 4 + 1, block * 4 + 3);
      EXPECT_EQ(sees, mask.allowed(block * 4, row * 4));
      EXPECT_EQ(sees, mask.allowed(row * 4 + 3, block * 4));
      drawn += sees;
    }
    EXPECT_LE(drawn, 2);
  }
  EXPECT_FALSE(mask == Mask::block_sparse(4, 2, 8));
  int differ = 0;
  for (int64_t q = 100; q < 200; ++q)
    for (int64_t k = 0; k < 90; ++k) differ += mask.allowed(q, k) != Mask::block_sparse(4, 2, 8).allowed(q, k);
  EXPECT_GT(differ, 0) << "another seed draws others";
}

TEST(Mask, DocumentsAndPaddingAreFactsOfTheSequences) {
  const int32_t of_queries[] = {5, 5, 6}, of_keys[] = {5, 6, 6, 7};
  const MaskFacts facts = {.query_document = of_queries,
                           .key_document = of_keys,
                           .query_start = 10,
                           .key_start = 2,
                           .documents_ascend = true,
                           .padding_begin = 4};
  EXPECT_TRUE(Mask::document().allowed(10, 2, facts));
  EXPECT_FALSE(Mask::document().allowed(10, 3, facts));
  EXPECT_TRUE(Mask::document().allowed(12, 4, facts));
  EXPECT_FALSE(Mask::document().allowed(13, 4, facts)) << "past the documents";
  EXPECT_FALSE(Mask::document().allowed(12, 1, facts)) << "before them";
  EXPECT_EQ(Mask::document().visible(12, 0, 6, facts), 0b011000u);
  EXPECT_TRUE(Mask::padding().allowed(10, 3, facts));
  EXPECT_FALSE(Mask::padding().allowed(10, 4, facts));
}

TEST(Mask, OperatorsAreLogic) {
  const Mask a = Mask::causal(), b = Mask::window(4), c = Mask::dilated(3);
  expect_rule(a & b, [&](int64_t q, int64_t k) { return a.allowed(q, k) && b.allowed(q, k); });
  expect_rule(a | b, [&](int64_t q, int64_t k) { return a.allowed(q, k) || b.allowed(q, k); });
  expect_rule(~a, [&](int64_t q, int64_t k) { return !a.allowed(q, k); });
  expect_rule(~(a & b), [&](int64_t q, int64_t k) { return (~a | ~b).allowed(q, k); });
  expect_rule(a & (b | c), [&](int64_t q, int64_t k) { return ((a & b) | (a & c)).allowed(q, k); });
  expect_rule(~~c, [&](int64_t q, int64_t k) { return c.allowed(q, k); });
}

// Random formulas of random values: whatever the verdict decides is true of every element, and rows are their elements.
TEST(Mask, VerdictsOfRandomFormulasAreTrue) {
  RandomStream random({71, 0, 0, 0});
  int decided = 0;
  for (int round = 0; round < 6000; ++round) {
    const Mask mask = random_mask(random);
    const bool ascend = random.below(2);
    const auto start = static_cast<int64_t>(random.below(4));
    const std::vector<int32_t> of_queries = random_documents(random, 24, ascend);
    const std::vector<int32_t> of_keys = random_documents(random, 24, ascend);
    const MaskFacts facts = {.query_document = of_queries,
                             .key_document = of_keys,
                             .key_start = start,
                             .documents_ascend = ascend,
                             .padding_begin = static_cast<int64_t>(random.below(30))};
    const auto q0 = static_cast<int64_t>(random.below(20)), k0 = static_cast<int64_t>(random.below(20));
    const int64_t q1 = q0 + 1 + static_cast<int64_t>(random.below(6)),
                  k1 = k0 + 1 + static_cast<int64_t>(random.below(8));
    int64_t allowed = 0;
    for (int64_t q = q0; q < q1; ++q) {
      uint64_t row = 0;
      for (int64_t k = k0; k < k1; ++k) row |= uint64_t{mask.allowed(q, k, facts)} << (k - k0);
      ASSERT_EQ(row, mask.visible(q, k0, k1 - k0, facts));
      allowed += std::popcount(row);
    }
    const Mask::Verdict verdict = mask.verdict(q0, q1, k0, k1, facts);
    decided += verdict != Mask::Verdict::mixed;
    if (verdict == Mask::Verdict::mixed) continue;
    ASSERT_EQ(allowed, verdict == Mask::Verdict::all ? (q1 - q0) * (k1 - k0) : 0);
  }
  EXPECT_GT(decided, 2500) << "verdicts that are always 'mixed' skip nothing";
}

// Of large ranges a verdict must still say none, or nothing is skipped.
TEST(Mask, WhatIsFarOutOfSightIsToldWithoutLooking) {
  EXPECT_EQ(Mask::window(8).verdict(500, 548, 0, 400), MaskVerdict::none);
  EXPECT_EQ(Mask::global(4).verdict(500, 548, 4, 4000), MaskVerdict::none);
  EXPECT_EQ(Mask::block_sparse(64, 0).verdict(640, 704, 0, 512), MaskVerdict::none);
  EXPECT_EQ((Mask::causal() & Mask::window(8)).verdict(500, 548, 548, 4000), MaskVerdict::none);
  const KeyRange keys[] = {{3, 4}, {1000, 1010}};
  EXPECT_EQ(Mask::arbitrary(keys).verdict(0, 48, 4, 1000), MaskVerdict::none);
  std::vector<int32_t> documents(4000);
  for (size_t i = 0; i < documents.size(); ++i) documents[i] = static_cast<int32_t>(i / 100);
  const MaskFacts facts = {.query_document = documents, .key_document = documents, .documents_ascend = true};
  EXPECT_EQ(Mask::document().verdict(1000, 1048, 1100, 4000, facts), MaskVerdict::none);
  EXPECT_EQ(Mask::document().verdict(1000, 1048, 1000, 1100, facts), MaskVerdict::all);
}

// Keys that are dropped are seen by no later query; a window and sinks keep as many as they say.
TEST(Mask, WhatIsStillVisibleIsNeverTooLittle) {
  RandomStream random({72, 0, 0, 0});
  int64_t dropped = 0;
  for (int round = 0; round < 2000; ++round) {
    const Mask mask = random_mask(random);
    const auto query = static_cast<int64_t>(random.below(60));
    const Mask kept = Mask::arbitrary(mask.still_visible(query));
    for (int64_t key = 0; key < query; ++key) {
      if (kept.allowed(0, key)) continue;
      ++dropped;
      for (int64_t later = query; later < query + 150; ++later) ASSERT_FALSE(mask.allowed(later, key));
    }
  }
  EXPECT_GT(dropped, 20000) << "keeping everything saves nothing";
  const Mask sinks = Mask::causal() & (Mask::window(8) | Mask::prefix(4));
  EXPECT_EQ(sinks.still_visible(100), (std::vector<KeyRange>{{0, 4}, {93, 100}}));
  EXPECT_EQ(sinks.still_visible(6), (std::vector<KeyRange>{{0, 6}}));
  EXPECT_EQ(Mask::causal().still_visible(100), (std::vector<KeyRange>{{0, 100}}));
  EXPECT_TRUE((Mask::causal() & ~Mask::causal()).still_visible(100).empty());
  EXPECT_TRUE((~Mask::full()).still_visible(100).empty());
}

TEST(Mask, LookingAheadIsFoundOrToldInTime) {
  EXPECT_TRUE(Mask::full().looks_ahead(2));
  EXPECT_FALSE(Mask::full().looks_ahead(1));
  EXPECT_FALSE((Mask::causal() & Mask::block_sparse(8, 2)).looks_ahead(5000));
  EXPECT_TRUE(Mask::dilated(700).looks_ahead(701));
  EXPECT_FALSE(Mask::dilated(700).looks_ahead(700));
  // Nothing ahead, but no tile says so: the answer is "perhaps", and comes.
  EXPECT_TRUE((~Mask::causal() & Mask::dilated(2) & ~Mask::dilated(4) & ~Mask::dilated(2)).looks_ahead(1 << 20));
}

TEST(Mask, ABiasIsJoinedByAndAlone) {
  const Mask near = Mask::bias(Mask::window(3), 1.5), masked = Mask::causal() & near & Mask::bias(Mask::full(), -1);
  ASSERT_EQ(masked.biases().size(), 2u);
  EXPECT_EQ(masked.biases()[0].where, Mask::window(3));
  EXPECT_EQ(masked.biases()[1].score, -1);
  EXPECT_FALSE(near == Mask::bias(Mask::window(3), 2));
  EXPECT_THROW(near | Mask::causal(), Error);
  EXPECT_THROW(~near, Error);
  EXPECT_THROW(Mask::bias(near, 1), Error);
  EXPECT_THROW(Mask::bias(Mask::full(), INFINITY), Error);
}

TEST(Mask, ImpossibleMasksAreRefused) {
  EXPECT_THROW(Mask::window(0), Error);
  EXPECT_THROW(Mask::dilated(0), Error);
  EXPECT_THROW(Mask::block(-1), Error);
  EXPECT_THROW(Mask::block_sparse(0, 1), Error);
  EXPECT_THROW(Mask::block_sparse(8, -1), Error);
  EXPECT_TRUE(Mask::window(INT64_MAX).allowed(0, 1'000'000)) << "wider than any text";
  EXPECT_TRUE(Mask::global(INT64_MAX).allowed(5, 1'000'000));
  EXPECT_FALSE(Mask::prefix(0).allowed(0, 0)) << "an empty prefix shows nothing";
  Mask mask;
  EXPECT_THROW(for (int i = 0; i < 20; ++i) mask = mask & Mask::causal(), Error) << "a program has an end";
}

}  // namespace
}  // namespace heddle::kernels
