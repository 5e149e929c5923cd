#include "heddle/decode/score_processor.h"

#include <gtest/gtest.h>

#include <limits>

#include "heddle/base/error.h"
#include "heddle/decode/beam_search.h"
#include "heddle/decode/table_model.h"

namespace heddle::decode {
namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();
using Floats = std::vector<float>;

Floats processed(const ScoreProcessor& processor, const std::vector<int32_t>& so_far) {
  Floats row = {-1, -2, -3, -4};
  processor(so_far, row);
  return row;
}

TEST(ScoreProcessor, ForbidTokensIgnoresUnknownOnes) {
  EXPECT_EQ(processed(forbid_tokens({0, 2, -1, 4}), {}), (Floats{kNever, -2, kNever, -4}));
}

TEST(ScoreProcessor, MinimumLengthHoldsOnlyTheEndBack) {
  EXPECT_EQ(processed(minimum_length(2, 1), {3}), (Floats{-1, kNever, -3, -4}));
  EXPECT_EQ(processed(minimum_length(2, 1), {3, 3}), (Floats{-1, -2, -3, -4}));
  EXPECT_EQ(processed(minimum_length(2, -1), {}), (Floats{-1, -2, -3, -4}));
}

TEST(ScoreProcessor, RepetitionPenaltyCountsATokenOnce) {
  EXPECT_EQ(processed(repetition_penalty(1.5), {1, 3, 1, 1}), (Floats{-1, -3, -3, -6}));
  EXPECT_THROW(repetition_penalty(0.9), InputError);
}

TEST(ScoreProcessor, NoRepeatNgramForbidsWhatWouldRepeat) {
  EXPECT_EQ(processed(no_repeat_ngram(2), {0, 1, 2, 0, 3, 0}), (Floats{-1, kNever, -3, kNever}));
  EXPECT_EQ(processed(no_repeat_ngram(3), {0, 1, 2, 0, 1}), (Floats{-1, -2, kNever, -4}));
  EXPECT_EQ(processed(no_repeat_ngram(1), {2, 2}), (Floats{-1, -2, kNever, -4}));
  EXPECT_EQ(processed(no_repeat_ngram(3), {0}), (Floats{-1, -2, -3, -4}));
  EXPECT_THROW(no_repeat_ngram(0), InputError);
}

TEST(ScoreProcessor, BeamSearchFollowsTheChain) {
  RandomStream random({31, 0, 0, 0});
  for (int round = 0; round < 20; ++round) {
    TableModel model(5, 1, {TableModel::random_table(5, 1, 2, random)});
    BeamOptions options;
    options.beam = options.nbest = 3;
    options.start_token = 0;
    options.end_token = 1;
    options.max_extra = 20;
    options.processors = {no_repeat_ngram(2), forbid_tokens({4})};
    const auto answers = beam_search(model, options);
    for (const Hypothesis& found : answers[0])
      for (size_t i = 0; i < found.tokens.size(); ++i) {
        EXPECT_NE(found.tokens[i], 4);
        for (size_t k = i + 1; k + 1 < found.tokens.size(); ++k)
          EXPECT_FALSE(found.tokens[i] == found.tokens[k] && found.tokens[i + 1] == found.tokens[k + 1]);
      }
  }
}

}  // namespace
}  // namespace heddle::decode
