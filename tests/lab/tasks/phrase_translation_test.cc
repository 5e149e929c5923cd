#include "heddle/lab/tasks/phrase_translation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace heddle::lab {
namespace {

using Ids = std::vector<int32_t>;

TEST(PhraseTranslation, ProbabilitiesAreThoseOfItsDraws) {
  RandomStream random({31, 0, 0, 0});
  const PhraseTranslation language(3, 3, 1.0, random);
  const Ids source = {2, 4, PhraseTranslation::kEnd};
  constexpr int kDraws = 20000;
  std::map<Ids, int> counts;
  for (int i = 0; i < kDraws; ++i) ++counts[language.translate(source, random)];
  double total = 0;
  for (const auto& [target, count] : counts) {
    const double p = std::exp(language.log_probability(source, target));
    EXPECT_NEAR(static_cast<double>(count) / kDraws, p, 5 * std::sqrt(p / kDraws) + 1e-3);
    EXPECT_LE(std::ssize(target), PhraseTranslation::longest(2));
    total += p;
  }
  EXPECT_NEAR(total, 1, 0.01);
  EXPECT_EQ(language.log_probability(source, {PhraseTranslation::kEnd}), -INFINITY);
}

TEST(PhraseTranslation, TheDecoderReadsWhatItShallSayOneLater) {
  RandomStream random({32, 0, 0, 0});
  const PhraseTranslation language(4, 2, 1.0, random);
  const data::TranslationBatch batch = language.batch(5, 3, random);
  ASSERT_EQ(batch.source.sequences(), 5);
  for (int64_t i = 0; i < 5; ++i) {
    const auto in = batch.target_in.sequence(i), out = batch.target_out.sequence(i);
    ASSERT_EQ(in.size(), out.size());
    EXPECT_EQ(in[0], PhraseTranslation::kStart);
    EXPECT_TRUE(std::equal(in.begin() + 1, in.end(), out.begin()));
    EXPECT_EQ(out.back(), PhraseTranslation::kEnd);
  }
}

}  // namespace
}  // namespace heddle::lab
