#include "heddle/lab/tasks/noisy_votes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace heddle::lab {
namespace {

TEST(NoisyVotes, ThePosteriorIsCalibratedAndLabelsAreWrongAsOftenAsAsked) {
  RandomStream random({41, 0, 0, 0});
  const NoisyVotes task{.classes = 5, .votes = 7, .agreement = 0.35, .wrong_labels = 0.2};
  constexpr int64_t kExamples = 20000;
  const VotesSample sample = draw(task, kExamples, random);
  double expected = 0, right = 0, wrong_labels = 0;
  for (int64_t i = 0; i < kExamples; ++i) {
    const std::vector<double> posterior = task.posterior(sample.labelled.source.sequence(i));
    const auto best = std::max_element(posterior.begin(), posterior.end());
    const int32_t truth = sample.truth[static_cast<size_t>(i)];
    expected += *best / kExamples;
    right += (best - posterior.begin() == truth) / static_cast<double>(kExamples);
    wrong_labels += (sample.labelled.target_out.ids[static_cast<size_t>(i)] != truth) / static_cast<double>(kExamples);
  }
  EXPECT_NEAR(right, expected, 0.015);
  EXPECT_NEAR(best_accuracy(task, sample), right, 1e-9);
  EXPECT_NEAR(wrong_labels, 0.2, 0.015);
  EXPECT_GT(right, 0.5);
  EXPECT_LT(right, 0.95);
}

TEST(NoisyVotes, ABatchHoldsWholeExamples) {
  RandomStream random({42, 0, 0, 0});
  const VotesSample sample = draw({.classes = 4, .votes = 3}, 5, random);
  const data::TranslationBatch batch = draw_batch(sample.labelled, 50, random);
  ASSERT_EQ(batch.source.sequences(), 50);
  std::set<int64_t> seen;
  for (int64_t i = 0; i < 50; ++i) {
    int64_t found = -1;
    for (int64_t j = 0; j < 5; ++j)
      if (std::ranges::equal(batch.source.sequence(i), sample.labelled.source.sequence(j)) &&
          std::ranges::equal(batch.target_out.sequence(i), sample.labelled.target_out.sequence(j)))
        found = j;
    EXPECT_GE(found, 0);
    seen.insert(found);
    EXPECT_EQ(batch.target_in.sequence(i).size(), 1u);
  }
  EXPECT_GE(seen.size(), 4u);
}

}  // namespace
}  // namespace heddle::lab
