#include "heddle/decode/prompted_model.h"

#include <gtest/gtest.h>

#include "heddle/base/error.h"
#include "heddle/decode/beam_search.h"
#include "heddle/decode/table_model.h"

namespace heddle::decode {
namespace {

TEST(PromptedModel, GoesOnWhereThePromptEnds) {
  constexpr int kVocab = 6;
  RandomStream random(RandomKey{.seed = 9});
  const std::vector<float> table = TableModel::random_table(kVocab, 2, 2.0, random);
  BeamOptions options;
  options.start_token = 1;
  options.end_token = -1;
  options.beam = 1;
  options.max_extra = 8;
  TableModel alone(kVocab, 2, {table});
  const std::vector<int32_t> all = beam_search(alone, options)[0][0].tokens;
  ASSERT_EQ(all.size(), 8u);
  // What greedy search said, given as a prompt, is gone on with in the same way, by every search over the same model.
  TableModel base(kVocab, 2, {table});
  PromptedModel prompted(base, {all.begin(), all.begin() + 3});
  options.max_extra = 5;
  for (int again = 0; again < 2; ++again)
    EXPECT_EQ(beam_search(prompted, options)[0][0].tokens, std::vector<int32_t>(all.begin() + 3, all.end()));
  // Another prompt is another history.
  PromptedModel other(base, {all[0], (all[1] + 1) % kVocab});
  const auto row = [&](PromptedModel& model) {
    const StepModel::Row first = {.parent = -1, .token = 1, .sequence = 0};
    const auto next = model.step({&first, 1});
    return std::vector<float>(next.begin(), next.end());
  };
  EXPECT_NE(row(other), row(prompted));
}

TEST(PromptedModel, IsForOneSequence) {
  RandomStream random(RandomKey{.seed = 9});
  const std::vector<float> table = TableModel::random_table(3, 1, 2.0, random);
  TableModel two(3, 1, {table, table});
  EXPECT_THROW(PromptedModel(two, {1}), Error);
}

}  // namespace
}  // namespace heddle::decode
