#include "heddle/data/translation_set.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace heddle::data {
namespace {

using Ids = std::vector<int32_t>;
constexpr int32_t kBegin = 1, kEnd = 2;

TranslationSet small_set() {
  TranslationSet set;
  set.add(Ids{10, 11, kEnd}, Ids{20, kEnd});
  set.add(Ids{12, kEnd}, Ids{21, 22, 23, kEnd});
  set.add(Ids{kEnd}, Ids{kEnd});
  return set;
}

TEST(TranslationSet, KeepsPairsEndToEnd) {
  const TranslationSet set = small_set();
  EXPECT_EQ(set.size(), 3);
  EXPECT_EQ(set.source_tokens(), 6);
  EXPECT_EQ(set.target_tokens(), 7);
  EXPECT_TRUE(std::ranges::equal(set.source(1), Ids{12, kEnd}));
  EXPECT_TRUE(std::ranges::equal(set.target(2), Ids{kEnd}));
}

TEST(TranslationSet, FillsBatches) {
  TranslationBatch batch;
  small_set().append_to(batch, 1, 101, kBegin);
  small_set().append_to(batch, 0, 100, kBegin);
  EXPECT_EQ(batch.source.ids, (Ids{12, kEnd, 10, 11, kEnd}));
  EXPECT_EQ(batch.source.offsets, (Ids{0, 2, 5}));
  EXPECT_EQ(batch.target_in.ids, (Ids{kBegin, 21, 22, 23, kBegin, 20}));
  EXPECT_EQ(batch.target_out.ids, (Ids{21, 22, 23, kEnd, 20, kEnd}));
  EXPECT_EQ(batch.target_out.position, (Ids{0, 1, 2, 3, 0, 1}));
  EXPECT_EQ(batch.target_in.example, (std::vector<int64_t>{101, 101, 101, 101, 100, 100}));
}

TEST(TranslationSet, RefillingAllocatesNothing) {
  const TranslationSet set = small_set();
  TranslationBatch batch;
  for (int64_t i = 0; i < 3; ++i) set.append_to(batch, i, i, kBegin);
  const void* ids = batch.target_in.ids.data();
  const void* rows = batch.target_in.example.data();
  batch.clear();
  EXPECT_EQ(batch.target_in.offsets, Ids{0});
  for (int64_t i = 0; i < 3; ++i) set.append_to(batch, i, i, kBegin);
  EXPECT_EQ(batch.target_in.ids.data(), ids);
  EXPECT_EQ(batch.target_in.example.data(), rows);
}

TEST(PackedBatch, ALanguageModelsBatchIsSplitWithoutASource) {
  TranslationBatch batch;
  for (int64_t i = 0; i < 4; ++i) {
    batch.target_in.add(i, Ids{1, 2, 3});
    batch.target_out.add(i, Ids{2, 3, 4});
  }
  std::vector<TranslationBatch> pieces;
  split(batch, 4, pieces);
  ASSERT_EQ(pieces.size(), 4u);
  for (const TranslationBatch& piece : pieces) {
    EXPECT_EQ(piece.source.sequences(), 0);
    EXPECT_EQ(piece.target_in.ids, (Ids{1, 2, 3}));
    EXPECT_EQ(piece.target_out.ids, (Ids{2, 3, 4}));
  }
}

TEST(PackedBatch, PiecesTogetherAreTheBatch) {
  TranslationSet set;
  for (int32_t i = 0; i < 13; ++i)
    set.add(Ids(static_cast<size_t>(1 + i % 5), i), Ids(static_cast<size_t>(1 + i % 7), i));
  TranslationBatch batch;
  for (int64_t i = 0; i < set.size(); ++i) set.append_to(batch, i, 100 + i, kBegin);
  std::vector<TranslationBatch> pieces;
  for (int64_t parts : {1, 2, 3, 5, 13, 40}) {
    split(batch, parts, pieces);
    ASSERT_EQ(std::ssize(pieces), std::min<int64_t>(parts, 13));
    Ids source, target_in, target_out, position;
    std::vector<int64_t> example;
    for (const TranslationBatch& piece : pieces) {
      EXPECT_GT(piece.target_out.sequences(), 0);
      EXPECT_EQ(piece.source.sequences(), piece.target_in.sequences());
      EXPECT_EQ(piece.target_in.offsets, piece.target_out.offsets);
      if (parts <= 5) {  // about even: within one longest example of the share
        EXPECT_NEAR(piece.target_out.tokens(), batch.target_out.tokens() / parts, 7);
      }
      source.insert(source.end(), piece.source.ids.begin(), piece.source.ids.end());
      target_in.insert(target_in.end(), piece.target_in.ids.begin(), piece.target_in.ids.end());
      target_out.insert(target_out.end(), piece.target_out.ids.begin(), piece.target_out.ids.end());
      position.insert(position.end(), piece.source.position.begin(), piece.source.position.end());
      example.insert(example.end(), piece.source.example.begin(), piece.source.example.end());
    }
    EXPECT_EQ(source, batch.source.ids);
    EXPECT_EQ(target_in, batch.target_in.ids);
    EXPECT_EQ(target_out, batch.target_out.ids);
    EXPECT_EQ(position, batch.source.position);
    EXPECT_EQ(example, batch.source.example);
  }
}

TEST(EncodePairs, CountsWhatIsLeftOut) {
  const Encode letters = [](std::string_view text) {
    Ids ids(text.begin(), text.end());
    ids.push_back(kEnd);
    return ids;
  };
  const std::vector<TextPair> pairs = {{"abc", "abcd"},       {"", "a"},     {"a", ""}, {"abcdefghij", "abc"},
                                       {"abc", "abcdefghij"}, {"a", "abcde"}};
  const EncodedPairs all = encode_pairs(pairs, letters, letters, {.max_source_tokens = 11, .max_target_tokens = 11});
  EXPECT_EQ(all.set.size(), 4);
  EXPECT_EQ(all.empty, 2);
  const EncodedPairs some =
      encode_pairs(pairs, letters, letters, {.max_source_tokens = 10, .max_target_tokens = 10, .max_ratio = 2.5});
  EXPECT_EQ(some.set.size(), 1);
  EXPECT_EQ(some.empty, 2);
  EXPECT_EQ(some.too_long, 2);
  EXPECT_EQ(some.uneven, 1);
  EXPECT_TRUE(std::ranges::equal(some.set.target(0), Ids{'a', 'b', 'c', 'd', kEnd}));
}

}  // namespace
}  // namespace heddle::data
