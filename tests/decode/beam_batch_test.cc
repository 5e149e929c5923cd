// What a batch may and may not do to the answers of beam search, and its limits.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "heddle/decode/beam_search.h"
#include "tests/decode/observed_model.h"

namespace heddle::decode {
namespace {

constexpr int32_t kStart = 0, kEnd = 1, kVocab = 5;
constexpr float kNever = -std::numeric_limits<float>::infinity();

BeamOptions narrow_beam() {
  BeamOptions options;
  options.beam = options.nbest = 3;
  options.start_token = kStart;
  options.end_token = kEnd;
  options.forbidden = {kStart};
  options.max_factor = 0;
  options.max_extra = 12;
  return options;
}

std::vector<float> endless_table() {
  std::vector<float> table(kVocab * kVocab, -1.5f);
  for (size_t last = 0; last < kVocab; ++last) table[last * kVocab + kEnd] = kNever;
  return table;
}

TEST(BeamBatch, AnswersDoNotDependOnTheBatch) {
  RandomStream random({21, 0, 0, 0});
  for (int round = 0; round < 10; ++round) {
    std::vector<std::vector<float>> tables(1 + random.below(17));
    for (auto& table : tables) table = TableModel::random_table(kVocab, 2, 1.5, random);
    ObservedModel together(kVocab, 2, tables);
    const auto batch = beam_search(together, narrow_beam());
    ASSERT_EQ(batch.size(), tables.size());
    int64_t rows_alone = 0;
    for (size_t i = 0; i < tables.size(); ++i) {
      ObservedModel alone(kVocab, 2, {tables[i]});
      const auto one = beam_search(alone, narrow_beam())[0];
      ASSERT_EQ(one.size(), batch[i].size());
      for (size_t k = 0; k < one.size(); ++k) {
        EXPECT_EQ(one[k].tokens, batch[i][k].tokens);
        EXPECT_EQ(one[k].score, batch[i][k].score);  // bitwise
      }
      rows_alone += alone.rows_seen();
    }
    EXPECT_EQ(together.rows_seen(), rows_alone) << "finished sequences must leave the batch";
  }
}

TEST(BeamBatch, FinishedHypothesesAndSequencesLeave) {
  // Sequence 0 must end at once. In sequence 1 only 2 can begin, and 2 leads to 3 or the end; 3 repeats.
  std::vector<float> ends(kVocab * kVocab, kNever), goes_on(kVocab * kVocab, kNever);
  ends[kEnd] = 0;
  goes_on[2] = 0;
  goes_on[2 * kVocab + kEnd] = goes_on[2 * kVocab + 3] = std::log(0.5f);
  goes_on[3 * kVocab + 3] = 0;
  ObservedModel model(kVocab, 1, {ends, goes_on});
  BeamOptions options = narrow_beam();
  options.max_extra = 5;
  const auto found = beam_search(model, options);
  EXPECT_EQ(model.steps, (std::vector<int64_t>{2, 1, 1, 1, 1}));
  ASSERT_EQ(found[0].size(), 1u);
  ASSERT_EQ(found[1].size(), 2u);
  EXPECT_EQ(found[1][0].tokens, (std::vector<int32_t>{2, kEnd}));
  EXPECT_EQ(found[1][1].tokens, (std::vector<int32_t>{2, 3, 3, 3, 3}));
  EXPECT_FALSE(found[1][1].finished);
}

TEST(BeamBatch, LengthLimits) {
  TableModel endless(kVocab, 1, {endless_table()});
  BeamOptions options = narrow_beam();
  options.max_extra = 7;
  EXPECT_EQ(beam_search(endless, options)[0][0].tokens.size(), 7u);
  EXPECT_FALSE(beam_search(endless, options)[0][0].finished);
  options.max_length = 3;
  EXPECT_EQ(beam_search(endless, options)[0][0].tokens.size(), 3u);
  options.end_token = -1;
  EXPECT_EQ(beam_search(endless, options)[0][0].tokens.size(), 3u);

  AttendingModel with_source(4, kVocab, endless_table());  // a source of 4 tokens, at most 6 steps
  options = narrow_beam();
  options.max_factor = 1;
  options.max_extra = 1;
  EXPECT_EQ(beam_search(with_source, options)[0][0].tokens.size(), 5u);
  options.max_factor = 1e300;
  EXPECT_EQ(beam_search(with_source, options)[0][0].tokens.size(), 6u);
  options.max_factor = 0;
  options.max_extra = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(beam_search(with_source, options)[0][0].tokens.size(), 6u);
}

TEST(BeamBatch, MinimumLengthHoldsTheEndBack) {
  RandomStream random({22, 0, 0, 0});
  for (int round = 0; round < 20; ++round) {
    TableModel model(kVocab, 1, {TableModel::random_table(kVocab, 1, 1.5, random)});
    BeamOptions options = narrow_beam();
    options.min_length = 6;
    const auto answers = beam_search(model, options);
    for (const Hypothesis& found : answers[0]) EXPECT_GE(found.tokens.size(), found.finished ? 7u : 6u);
  }
}

TEST(BeamBatch, EmptyBatchAndVocabularyOfOne) {
  TableModel none(kVocab, 1, {});
  EXPECT_TRUE(beam_search(none, narrow_beam()).empty());
  TableModel one(1, 1, {{0.0f}});
  BeamOptions options = narrow_beam();
  options.forbidden.clear();
  options.start_token = options.end_token = 0;
  const auto found = beam_search(one, options)[0];
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].tokens, (std::vector<int32_t>{0}));
  EXPECT_TRUE(found[0].finished);
}

TEST(BeamBatch, AModelThatCannotGoOnStillGivesAnAnswer) {
  for (const float broken : {kNever, std::numeric_limits<float>::quiet_NaN()}) {
    std::vector<float> table(kVocab * kVocab, broken);
    table[2] = -1;  // one token, then nothing
    TableModel model(kVocab, 1, {table});
    const auto found = beam_search(model, narrow_beam())[0];
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].tokens, (std::vector<int32_t>{2}));
    EXPECT_FALSE(found[0].finished);
  }
}

TEST(BeamBatch, ImpossibleOptionsAreRefused) {
  TableModel model(kVocab, 1, {endless_table()});
  const auto refused = [&](auto change) {
    BeamOptions options = narrow_beam();
    change(options);
    EXPECT_THROW(beam_search(model, options), InputError);
  };
  refused([](BeamOptions& o) { o.beam = o.nbest = 0; });
  refused([](BeamOptions& o) { o.nbest = 4; });
  refused([](BeamOptions& o) { o.start_token = kVocab; });
  refused([](BeamOptions& o) { o.start_token = -1; });
  refused([](BeamOptions& o) { o.end_token = kVocab; });
  refused([](BeamOptions& o) { o.max_length = 0; });
  refused([](BeamOptions& o) { o.max_factor = std::numeric_limits<double>::quiet_NaN(); });
}

}  // namespace
}  // namespace heddle::decode
