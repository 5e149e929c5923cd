#include "heddle/data/language_set.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "heddle/base/error.h"

namespace heddle::data {
namespace {

using Ids = std::vector<int32_t>;

TEST(LanguageSet, EachRowStandsBelowWhatItHasRead) {
  LanguageSet set;
  set.add(1, Ids{10, 11, 12});
  set.add(1, Ids{20, 21, 22, 23}, 2);
  set.add(1, Ids{});
  TranslationBatch batch;
  for (int i = 0; i < 3; ++i) set.append_to(batch, i, 7 + i);
  EXPECT_EQ(batch.target_in.ids, (Ids{1, 10, 11, 1, 20, 21, 22}));
  EXPECT_EQ(batch.target_out.ids, (Ids{10, 11, 12, -1, -1, 22, 23}));
  EXPECT_EQ(batch.target_in.offsets, batch.target_out.offsets);
  EXPECT_EQ(batch.target_in.example, (std::vector<int64_t>{7, 7, 7, 8, 8, 8, 8}));
  EXPECT_EQ(batch.source.sequences(), 0);
  EXPECT_EQ(set.tokens(), 7);
  EXPECT_EQ(set.asked_tokens(), 5);
}

TEST(LanguageSet, BlocksOfAStreamReadTheTokenBeforeThem) {
  const Ids stream = {3, 4, 5, 6, 7};
  LanguageSet set;
  add_stream(set, stream, 1, 2);
  ASSERT_EQ(set.size(), 3);
  TranslationBatch batch;
  for (int i = 0; i < 3; ++i) set.append_to(batch, i, i);
  EXPECT_EQ(batch.target_in.ids, (Ids{1, 3, 4, 5, 6}));
  EXPECT_EQ(batch.target_out.ids, stream);
  add_stream(set, {}, 1, 4);
  EXPECT_EQ(set.size(), 3);
  EXPECT_THROW(add_stream(set, stream, 1, 0), InputError);
}

TEST(LanguageSet, ATextKeepsItsDomain) {
  LanguageSet set;
  set.add(1, Ids{10, 11}, 0, 2);
  add_stream(set, Ids{20, 21, 22}, 1, 2, 0);
  set.add(1, Ids{30});
  TranslationBatch batch;
  for (int i = 0; i < 4; ++i) set.append_to(batch, i, i);
  const Ids domains = {2, 2, 0, 0, 0, kNoDomain};
  EXPECT_TRUE(std::ranges::equal(batch.target_in.rows().domain, domains));
  std::vector<TranslationBatch> pieces;
  split(batch, 2, pieces);
  Ids joined = pieces[0].target_in.domain;
  joined.insert(joined.end(), pieces[1].target_in.domain.begin(), pieces[1].target_in.domain.end());
  EXPECT_EQ(joined, domains);
  EXPECT_EQ(padded(batch.target_in, 3, 0).domain, (Ids{2, 2, 2, 0, 0, 0, 0, 0, 0, -1, -1, -1}));
  repeat(batch);
  Ids twice = domains;
  twice.insert(twice.end(), domains.begin(), domains.end());
  EXPECT_EQ(batch.target_in.domain, twice);
}

}  // namespace
}  // namespace heddle::data
