#include "heddle/lab/tasks/markov.h"

#include <gtest/gtest.h>

#include <cmath>

namespace heddle::lab {
namespace {

const MarkovSource& source() {
  static const MarkovSource one(2, 5, 1.5, RandomStream(RandomKey{.seed = 3}));
  return one;
}

TEST(Markov, ProbabilitiesSumToOne) {
  for (int32_t a = 0; a < 5; ++a)
    for (int32_t b = 0; b < 5; ++b) {
      double sum = 0;
      for (int32_t x = 0; x < 5; ++x) sum += source().probability(std::vector<int32_t>{a, b}, x);
      EXPECT_NEAR(sum, 1, 1e-12);
    }
}

// What is drawn has the entropy that is computed, under the source and by counting.
TEST(Markov, DrawnTokensHaveTheComputedEntropies) {
  RandomStream random(RandomKey{.seed = 4});
  const std::vector<int64_t> lengths(400, 500);
  const data::TranslationBatch batch = source().batch(lengths, random);
  EXPECT_NEAR(source().loss(batch), source().entropy_rate(), 0.01);
  std::vector<double> pairs(25, 0.0), singles(5, 0.0);
  for (int64_t s = 0; s < batch.target_in.sequences(); ++s) {
    const auto ids = batch.target_in.sequence(s);
    for (size_t i = 0; i + 1 < ids.size(); ++i) {
      pairs[static_cast<size_t>(ids[i] * 5 + ids[i + 1])] += 1;
      singles[static_cast<size_t>(ids[i])] += 1;
    }
  }
  const double count = 400.0 * 499;
  double joint = 0, single = 0;
  for (const double n : pairs) joint -= n / count * std::log(n / count);
  for (const double n : singles) single -= n / count * std::log(n / count);
  EXPECT_NEAR(single, source().entropy_given(0), 0.01);
  EXPECT_NEAR(joint - single, source().entropy_given(1), 0.01);
  EXPECT_LT(source().entropy_rate(), source().entropy_given(1) - 0.05);
  EXPECT_LT(source().entropy_given(1), source().entropy_given(0));
}

TEST(Markov, BatchesAskOnlyForWhatAWholeContextPrecedes) {
  RandomStream random(RandomKey{.seed = 5});
  const std::vector<int64_t> lengths = {1, 4, 2};
  const data::TranslationBatch batch = source().batch(lengths, random, 7);
  ASSERT_EQ(batch.target_in.sequences(), 3);
  EXPECT_EQ(batch.target_in.tokens(), 7);
  EXPECT_EQ(batch.target_in.example.front(), 7);
  EXPECT_EQ(batch.target_in.example.back(), 9);
  const auto in = batch.target_in.sequence(1), out = batch.target_out.sequence(1);
  EXPECT_EQ(out[0], -1);
  for (size_t i = 1; i + 1 < in.size(); ++i) EXPECT_EQ(out[i], in[i + 1]);
}

}  // namespace
}  // namespace heddle::lab
