#include "heddle/task/infilling.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace heddle::task {
namespace {

using Ids = std::vector<int32_t>;
constexpr data::InfillingTokens kTokens = {.prefix = 101, .suffix = 102, .middle = 103, .end = 2};

data::LanguageSet texts(int count) {
  data::LanguageSet set;
  for (int32_t i = 0; i < count; ++i) set.add(50, Ids{10 + i % 30, 11, 12, 13, 14}, 0, i % 3);
  return set;
}

// All that an epoch reads: each sequence with what stands before it.
std::vector<Ids> epoch_of(InfillingExamples& examples, int64_t epoch) {
  const std::vector<data::ExampleLength> lengths = examples.open(epoch);
  std::vector<Ids> read;
  for (int32_t i = 0; i < std::ssize(lengths); ++i) {
    data::TranslationBatch batch;
    examples.append_to(batch, i);
    EXPECT_EQ(batch.target_in.tokens(), lengths[static_cast<size_t>(i)].target);
    EXPECT_EQ(batch.target_out.tokens(), batch.target_in.tokens());
    for (const int32_t domain : batch.target_in.domain) EXPECT_EQ(domain, i % 3);
    read.push_back(batch.target_in.ids);
    read.back().push_back(batch.target_out.ids.back());
  }
  return read;
}

TEST(InfillingExamples, RearrangeTheirShareAnewInEveryEpoch) {
  const data::LanguageSet set = texts(2000);
  InfillingExamples examples(set, kTokens, 1, 0.3, 7);
  const std::vector<Ids> first = epoch_of(examples, 0), second = epoch_of(examples, 1);
  EXPECT_EQ(first, epoch_of(examples, 0)) << "going back to an epoch gives it again";
  EXPECT_NE(first, second);
  const auto rearranged = std::ranges::count_if(first, [](const Ids& ids) { return ids[1] == kTokens.prefix; });
  EXPECT_NEAR(static_cast<double>(rearranged), 0.3 * 2000, 4 * 20.5);
  for (const Ids& ids : first) {
    const bool moved = ids[1] == kTokens.prefix;
    EXPECT_EQ(ids.size(), moved ? 10u : 6u);
    EXPECT_EQ(ids[0], moved ? 1 : 50) << "a rearranged text begins by itself";
  }
}

}  // namespace
}  // namespace heddle::task
