#include "heddle/decode/beam_search.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "heddle/decode/ngram_model.h"
#include "tests/decode/exhaustive_search.h"
#include "tests/decode/observed_model.h"

namespace heddle::decode {
namespace {

constexpr int32_t kStart = 0, kEnd = 1, kVocab = 4;

BeamOptions wide_beam() {
  BeamOptions options;
  options.beam = 400;  // more than there are extensions of prefixes of length < 5
  options.start_token = kStart;
  options.end_token = kEnd;
  options.forbidden = {kStart};
  options.max_factor = 0;
  options.max_extra = 5;
  return options;
}

void expect_the_best(const std::vector<Hypothesis>& found, const std::vector<Hypothesis>& all) {
  for (size_t i = 0; i < found.size(); ++i) {
    EXPECT_TRUE(found[i].finished);
    EXPECT_NEAR(found[i].score, all[i].score, 1e-9);
    // A path and its reordering may tie; then either order is right.
    const bool tie = (i > 0 && all[i - 1].score - all[i].score < 1e-9) ||
                     (i + 1 < all.size() && all[i].score - all[i + 1].score < 1e-9);
    if (!tie) {
      EXPECT_EQ(found[i].tokens, all[i].tokens);
      EXPECT_NEAR(found[i].log_probability, all[i].log_probability, 1e-9);
    }
  }
}

TEST(BeamSearch, AWideBeamEqualsExhaustiveSearch) {
  RandomStream random({11, 0, 0, 0});
  for (const LengthPenalty kind : {LengthPenalty::none, LengthPenalty::average, LengthPenalty::wu})
    for (int round = 0; round < 30; ++round) {
      BeamOptions options = wide_beam();
      options.length_penalty = kind;
      options.alpha = 3 * random.uniform();
      options.nbest = 1 + static_cast<int>(random.below(12));
      options.max_extra = 1 + static_cast<int64_t>(random.below(5));
      TableModel model(kVocab, 2, {TableModel::random_table(kVocab, 2, 1.5, random)});
      const auto all = exhaustive_search(model, options);
      const auto found = beam_search(model, options)[0];
      ASSERT_GE(found.size(), std::min(all.size(), static_cast<size_t>(options.nbest)));
      const size_t finished = std::min(found.size(), all.size());
      expect_the_best({found.begin(), found.begin() + static_cast<std::ptrdiff_t>(finished)}, all);
    }
}

TEST(BeamSearch, TheSameSearchRunsOverAnNgram) {
  NgramModel model(kVocab, 3, 0.5);
  RandomStream random({12, 0, 0, 0});
  for (int i = 0; i < 30; ++i) {
    std::vector<int32_t> tokens;
    while (tokens.size() < 6 && random.uniform() < 0.8) tokens.push_back(2 + static_cast<int32_t>(random.below(2)));
    tokens.push_back(kEnd);
    model.count(tokens, kStart);
  }
  BeamOptions options = wide_beam();
  options.nbest = 10;
  model.set_sequences(2);
  const auto found = beam_search(model, options);
  ASSERT_EQ(found.size(), 2u);
  for (const auto& list : found) expect_the_best(list, exhaustive_search(model, options));
}

TEST(BeamSearch, NoBeamBeatsTheExhaustiveOne) {
  RandomStream random({13, 0, 0, 0});
  int worse = 0;
  for (int round = 0; round < 40; ++round) {
    TableModel model(kVocab, 2, {TableModel::random_table(kVocab, 2, 2, random)});
    BeamOptions options = wide_beam();
    const double best = beam_search(model, options)[0][0].score;
    for (int beam : {1, 2, 4}) {
      options.beam = beam;
      const Hypothesis found = beam_search(model, options)[0][0];
      if (!found.finished) continue;
      EXPECT_LE(found.score, best + 1e-12);
      worse += found.score < best - 1e-9 ? 1 : 0;
    }
  }
  EXPECT_GT(worse, 0) << "these tables are too easy to tell a narrow beam from a wide one";
}

TEST(BeamSearch, BeamOneIsGreedy) {
  RandomStream random({14, 0, 0, 0});
  for (int round = 0; round < 30; ++round) {
    TableModel model(kVocab, 2, {TableModel::random_table(kVocab, 2, 1.5, random)});
    BeamOptions options = wide_beam();
    options.beam = 1;
    options.max_extra = 9;
    std::vector<int32_t> greedy;
    while (greedy.size() < 9 && (greedy.empty() || greedy.back() != kEnd)) {
      const std::vector<float> row = follow(model, options, greedy).log_probabilities;
      greedy.push_back(static_cast<int32_t>(std::max_element(row.begin() + 1, row.end()) - row.begin()));
    }
    EXPECT_EQ(beam_search(model, options)[0][0].tokens, greedy);
  }
}

TEST(BeamSearch, StoppingByTheBoundChangesNoAnswer) {
  RandomStream random({15, 0, 0, 0});
  int64_t steps_of_one = 0, steps_of_all = 0;
  for (int round = 0; round < 60; ++round) {
    ObservedModel model(kVocab, 1, {TableModel::random_table(kVocab, 1, 2, random)});
    BeamOptions options = wide_beam();
    options.beam = 4;
    options.max_extra = 30;
    options.alpha = 2 * random.uniform() - 0.5;
    const Hypothesis one = beam_search(model, options)[0][0];
    steps_of_one += std::ssize(model.steps);
    model.steps.clear();
    options.nbest = 4;  // must go on until all four are certain
    EXPECT_EQ(beam_search(model, options)[0][0].tokens, one.tokens);
    steps_of_all += std::ssize(model.steps);
  }
  EXPECT_LT(steps_of_one, steps_of_all);
}

TEST(BeamSearch, EarlyStopEndsAtTheFirstFinished) {
  // Ending costs log 0.4 at once; going on is likelier, and better when averaged over a long answer.
  const float end = std::log(0.4f), on = std::log(0.6f), never = -std::numeric_limits<float>::infinity();
  BeamOptions options = wide_beam();
  options.beam = 2;
  options.max_extra = 20;
  options.length_penalty = LengthPenalty::average;
  ObservedModel model(3, 1, {{never, end, on, never, never, never, never, end, on}});
  EXPECT_EQ(beam_search(model, options)[0][0].tokens.size(), 20u);
  EXPECT_EQ(model.steps.size(), 20u);
  model.steps.clear();
  options.stop_early = true;
  EXPECT_EQ(beam_search(model, options)[0][0].tokens.size(), 2u);
  EXPECT_EQ(model.steps.size(), 2u);
}

TEST(BeamSearch, TiesGoToTheLowerTokenThenTheLowerParent) {
  const float third = std::log(1.0f / 3);
  std::vector<float> even(kVocab * kVocab, third);
  BeamOptions options = wide_beam();
  options.end_token = -1;
  options.beam = options.nbest = 4;
  options.max_extra = 2;
  TableModel model(kVocab, 1, {even});
  std::vector<std::vector<int32_t>> tokens;
  const auto answers = beam_search(model, options);
  for (const Hypothesis& found : answers[0]) tokens.push_back(found.tokens);
  EXPECT_EQ(tokens, (std::vector<std::vector<int32_t>>{{1, 1}, {2, 1}, {3, 1}, {1, 2}}));
}

TEST(BeamSearch, CoveragePenaltyPrefersAnswersThatReadTheWholeSource) {
  // Tokens 2 and 3 attend to different positions; "2 end" reads less than "3 2 end", but is likelier.
  const float never = -std::numeric_limits<float>::infinity();
  const std::vector<float> table = {never, never, std::log(0.6f), std::log(0.4f), never, never, never, never,
                                    never, 0.0f,  never,          never,          never, never, 0.0f,  never};
  BeamOptions options = wide_beam();
  options.beam = options.nbest = 4;
  options.length_penalty = LengthPenalty::none;
  AttendingModel model(4, kVocab, table);
  EXPECT_EQ(beam_search(model, options)[0][0].tokens, (std::vector<int32_t>{2, kEnd}));
  options.coverage = 0.1;
  const auto found = beam_search(model, options)[0];
  EXPECT_EQ(found[0].tokens, (std::vector<int32_t>{3, 2, kEnd}));
  // Positions 0, 3 and 2 (start, 3, 2) are read once, position 1 never.
  EXPECT_NEAR(found[0].score, std::log(0.4) + 0.1 * std::log(1e-9), 1e-6);
  TableModel blind(kVocab, 1, {table});
  EXPECT_THROW(beam_search(blind, options), InputError);
}

}  // namespace
}  // namespace heddle::decode
