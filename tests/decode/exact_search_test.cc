#include "heddle/decode/exact_search.h"

#include <gtest/gtest.h>

#include "heddle/base/error.h"
#include "tests/decode/exhaustive_search.h"
#include "tests/decode/observed_model.h"

namespace heddle::decode {
namespace {

constexpr int32_t kStart = 0, kEnd = 1, kVocab = 4;

ExactOptions small_space() {
  ExactOptions options;
  options.start_token = kStart;
  options.end_token = kEnd;
  options.forbidden = {kStart};
  options.max_factor = 0;
  options.max_extra = 5;
  return options;
}

TEST(ExactSearch, FindsWhatEnumerationFinds) {
  RandomStream random({21, 0, 0, 0});
  for (const LengthPenalty kind : {LengthPenalty::none, LengthPenalty::average, LengthPenalty::wu})
    for (int round = 0; round < 40; ++round) {
      ExactOptions options = small_space();
      options.length_penalty = kind;
      options.alpha = 3 * random.uniform() - 0.5;
      options.max_extra = 1 + static_cast<int64_t>(random.below(5));
      BeamOptions all;
      static_cast<DecodeOptions&>(all) = options;
      all.length_penalty = kind;
      all.alpha = options.alpha;
      TableModel model(kVocab, 2, {TableModel::random_table(kVocab, 2, 1.5, random)});
      const Hypothesis best = exhaustive_search(model, all)[0];
      const Hypothesis found = exact_search(model, options)[0];
      EXPECT_TRUE(found.finished);
      EXPECT_NEAR(found.score, best.score, 1e-9);
      EXPECT_NEAR(found.log_probability, best.log_probability, 1e-9);
    }
}

TEST(ExactSearch, SequencesDoNotDisturbOneAnother) {
  RandomStream random({22, 0, 0, 0});
  std::vector<std::vector<float>> tables;
  for (int i = 0; i < 20; ++i) tables.push_back(TableModel::random_table(kVocab, 2, 2, random));
  ObservedModel together(kVocab, 2, tables);  // holds its caller to the contract of step()
  const std::vector<Hypothesis> found = exact_search(together, small_space());
  ASSERT_EQ(found.size(), tables.size());
  for (size_t i = 0; i < tables.size(); ++i) {
    TableModel alone(kVocab, 2, {tables[i]});
    EXPECT_EQ(found[i].tokens, exact_search(alone, small_space())[0].tokens);
  }
}

TEST(ExactSearch, DropsWhatCannotWinAndSaysWhenThatIsTooLittle) {
  RandomStream random({23, 0, 0, 0});
  const std::vector<float> table = TableModel::random_table(kVocab, 1, 3, random);
  ObservedModel model(kVocab, 1, {table});
  ExactOptions options = small_space();
  options.max_extra = 12;  // 2^12 prefixes
  exact_search(model, options);
  EXPECT_LT(model.rows_seen(), 400);
  model.steps.clear();
  options.end_token = -1;  // nothing ends, so nothing is known to be beaten
  options.most_prefixes = 1000;
  EXPECT_THROW(exact_search(model, options), InputError);
}

TEST(ExactSearch, WhereNothingEndsTheBestCutAnswer) {
  RandomStream random({24, 0, 0, 0});
  TableModel model(kVocab, 1, {TableModel::random_table(kVocab, 1, 1, random)});
  ExactOptions options = small_space();
  options.end_token = -1;
  BeamOptions wide;
  static_cast<DecodeOptions&>(wide) = options;
  wide.length_penalty = LengthPenalty::none;
  wide.beam = 1000;
  const Hypothesis found = exact_search(model, options)[0];
  EXPECT_FALSE(found.finished);
  EXPECT_EQ(found.tokens, beam_search(model, wide)[0][0].tokens);
}

}  // namespace
}  // namespace heddle::decode
