#include "heddle/data/batch_plan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "heddle/base/error.h"
#include "heddle/base/random.h"

namespace heddle::data {
namespace {

TranslationSet random_set(int64_t pairs, uint64_t seed) {
  RandomStream random(RandomKey{.seed = seed});
  TranslationSet set;
  for (int64_t i = 0; i < pairs; ++i)
    set.add(std::vector<int32_t>(1 + random.below(60), 7), std::vector<int32_t>(1 + random.below(40), 8));
  return set;
}

std::vector<std::vector<int32_t>> batches_of(const BatchPlan& plan) {
  std::vector<std::vector<int32_t>> batches;
  for (int64_t b = 0; b < plan.batches(); ++b) batches.emplace_back(plan.batch(b).begin(), plan.batch(b).end());
  return batches;
}

TEST(BatchPlan, EveryExampleOnceWithinTheBudget) {
  for (int64_t pairs : {0, 1, 2, 17, 1000})
    for (int64_t budget : {1, 39, 40, 500, 1000000}) {
      const TranslationSet set = random_set(pairs, static_cast<uint64_t>(pairs + budget));
      std::vector<int32_t> seen;
      for (const auto& batch : batches_of(BatchPlan(set, budget, 3, 5))) {
        ASSERT_FALSE(batch.empty());
        int64_t source = 0, target = 0;
        for (int32_t i : batch) {
          source += std::ssize(set.source(i));
          target += std::ssize(set.target(i));
        }
        if (batch.size() > 1) {
          EXPECT_LE(target, budget);
          EXPECT_LT(source, (budget + 1) * BatchPlan::kSourceShare);
        }
        seen.insert(seen.end(), batch.begin(), batch.end());
      }
      std::ranges::sort(seen);
      ASSERT_EQ(std::ssize(seen), pairs);
      for (int64_t i = 0; i < pairs; ++i) EXPECT_EQ(seen[static_cast<size_t>(i)], i);
    }
}

TEST(BatchPlan, DependsOnSeedAndEpochOnly) {
  const TranslationSet set = random_set(500, 1);
  const auto plan = batches_of(BatchPlan(set, 200, 7, 2));
  EXPECT_EQ(plan, batches_of(BatchPlan(set, 200, 7, 2)));
  EXPECT_NE(plan, batches_of(BatchPlan(set, 200, 7, 3)));
  EXPECT_NE(plan, batches_of(BatchPlan(set, 200, 8, 2)));
}

TEST(BatchPlan, BatchesAreOfSimilarLengthInMixedOrder) {
  const TranslationSet set = random_set(2000, 2);
  const BatchPlan plan(set, 400, 1, 0);
  std::vector<size_t> first_lengths;
  for (const auto& batch : batches_of(plan)) {
    const auto [least, most] = std::ranges::minmax(batch, {}, [&](int32_t i) { return set.target(i).size(); });
    EXPECT_LE(set.target(most).size() - set.target(least).size(), 3u);
    first_lengths.push_back(set.target(batch[0]).size());
  }
  EXPECT_FALSE(std::ranges::is_sorted(first_lengths));
}

TEST(BatchPlan, BudgetMustBePositive) { EXPECT_THROW(BatchPlan(random_set(2, 1), 0, 1, 0), InputError); }

}  // namespace
}  // namespace heddle::data
