#include "heddle/lab/tasks/pairwise_scorer.h"

#include <gtest/gtest.h>

#include "heddle/lab/tasks/markov.h"

namespace heddle::lab {
namespace {

constexpr int64_t kVocab = 5;

double excess_after_training(int64_t places) {
  const MarkovSource source(1, kVocab, 2.0, RandomStream(RandomKey{.seed = 8}));
  RandomStream random(RandomKey{.seed = 9});
  PairwiseScorer scorer(kVocab, places);
  const std::vector<int64_t> lengths(64, 8);
  for (int i = 0; i < 400; ++i) scorer.step(source.batch(lengths, random), 0.05);
  const data::TranslationBatch test = source.batch(std::vector<int64_t>(500, 8), random);
  return scorer.loss(test) - source.loss(test);
}

// With places it can put all weight on the last token: enough for a source of order 1. Without, it
// cannot tell which token was last.
TEST(PairwiseScorer, LearnsAFirstOrderSourceOnlyWithPlaces) {
  EXPECT_LT(excess_after_training(8), 0.03);
  EXPECT_GT(excess_after_training(1), 0.1);
}

TEST(PairwiseScorer, StartsUniform) {
  const MarkovSource source(1, kVocab, 2.0, RandomStream(RandomKey{.seed = 8}));
  RandomStream random(RandomKey{.seed = 9});
  const data::TranslationBatch test = source.batch(std::vector<int64_t>(5, 8), random);
  EXPECT_NEAR(PairwiseScorer(kVocab, 3).loss(test), std::log(kVocab), 1e-12);
}

}  // namespace
}  // namespace heddle::lab
