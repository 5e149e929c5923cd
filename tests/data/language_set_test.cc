#include "heddle/data/language_set.h"

#include <gtest/gtest.h>

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
  const LanguageSet set = cut_stream(stream, 1, 2);
  ASSERT_EQ(set.size(), 3);
  TranslationBatch batch;
  for (int i = 0; i < 3; ++i) set.append_to(batch, i, i);
  EXPECT_EQ(batch.target_in.ids, (Ids{1, 3, 4, 5, 6}));
  EXPECT_EQ(batch.target_out.ids, stream);
  EXPECT_EQ(cut_stream({}, 1, 4).size(), 0);
  EXPECT_THROW(cut_stream(stream, 1, 0), InputError);
}

}  // namespace
}  // namespace heddle::data
