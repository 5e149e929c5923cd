#include "heddle/decode/beam_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "heddle/base/error.h"
#include "heddle/base/random.h"
#include "heddle/decode/ngram_model.h"
#include "heddle/decode/table_model.h"

namespace heddle::decode {
namespace {

constexpr int32_t kStart = 0, kEnd = 1, kVocab = 4;
constexpr int64_t kLongest = 5;

std::vector<float> random_table(RandomStream& random) {
  std::vector<float> table(kVocab * kVocab);
  for (int32_t last = 0; last < kVocab; ++last) {
    double total = 0;
    for (int32_t next = 0; next < kVocab; ++next) total += std::exp(table[last * kVocab + next] = static_cast<float>(1.5 * random.normal()));
    for (int32_t next = 0; next < kVocab; ++next) table[last * kVocab + next] -= static_cast<float>(std::log(total));
  }
  return table;
}

BeamOptions exhaustive_options() {
  BeamOptions options;
  options.beam = 400;  // more than there are prefixes of length < 5
  options.start_token = kStart;
  options.end_token = kEnd;
  options.forbidden = {kStart};
  options.max_factor = 0;
  options.max_extra = kLongest;
  return options;
}

double penalty(const BeamOptions& o, double length) {
  if (o.length_penalty == LengthPenalty::average) return length;
  return o.length_penalty == LengthPenalty::wu ? std::pow((5 + length) / 6, o.alpha) : 1.0;
}

// All sequences that end within kLongest tokens, best score first.
void enumerate(StepModel& model, const BeamOptions& o, const std::vector<float>& table, std::vector<int32_t>& prefix,
               double log_probability, std::vector<Hypothesis>& all) {
  const int32_t last = prefix.empty() ? kStart : prefix.back();
  for (int32_t next = 1; next < kVocab; ++next) {
    const double total = log_probability + static_cast<double>(table[last * kVocab + next]);
    prefix.push_back(next);
    if (next == kEnd) all.push_back({prefix, total, total / penalty(o, static_cast<double>(prefix.size())), true});
    else if (std::ssize(prefix) < kLongest) enumerate(model, o, table, prefix, total, all);
    prefix.pop_back();
  }
}

TEST(BeamSearch, AWideBeamEqualsExhaustiveSearch) {
  RandomStream random({11, 0, 0, 0});
  for (const LengthPenalty kind : {LengthPenalty::none, LengthPenalty::average, LengthPenalty::wu})
    for (int round = 0; round < 20; ++round) {
      const std::vector<float> table = random_table(random);
      BeamOptions options = exhaustive_options();
      options.length_penalty = kind;
      options.nbest = 6;
      TableModel model(kVocab, {table});
      const auto found = beam_search(model, options)[0];
      std::vector<Hypothesis> all;
      std::vector<int32_t> prefix;
      enumerate(model, options, table, prefix, 0, all);
      std::ranges::sort(all, [](const Hypothesis& a, const Hypothesis& b) { return a.score > b.score; });
      ASSERT_EQ(found.size(), 6u);
      for (size_t i = 0; i < found.size(); ++i) {
        EXPECT_NEAR(found[i].score, all[i].score, 1e-9);
        // A path and its reordering may tie exactly; then either order is right.
        const bool tie = (i > 0 && all[i - 1].score - all[i].score < 1e-9) || all[i].score - all[i + 1].score < 1e-9;
        if (!tie) {
          EXPECT_EQ(found[i].tokens, all[i].tokens);
        }
      }
    }
}

TEST(BeamSearch, AnswersDoNotDependOnTheBatch) {
  RandomStream random({12, 0, 0, 0});
  std::vector<std::vector<float>> tables;
  for (int i = 0; i < 17; ++i) tables.push_back(random_table(random));
  BeamOptions options = exhaustive_options();
  options.beam = 3;
  options.nbest = 3;
  options.max_extra = 12;
  TableModel together(kVocab, tables);
  const auto batch = beam_search(together, options);
  int64_t rows_alone = 0;
  for (size_t i = 0; i < tables.size(); ++i) {
    TableModel alone(kVocab, {tables[i]});
    const auto one = beam_search(alone, options)[0];
    ASSERT_EQ(one.size(), batch[i].size());
    for (size_t k = 0; k < one.size(); ++k) EXPECT_EQ(one[k].tokens, batch[i][k].tokens);
    rows_alone += alone.rows_seen();
  }
  EXPECT_EQ(together.rows_seen(), rows_alone) << "finished sequences must leave the batch";
}

TEST(BeamSearch, BeamOneIsGreedy) {
  RandomStream random({13, 0, 0, 0});
  for (int round = 0; round < 30; ++round) {
    const std::vector<float> table = random_table(random);
    BeamOptions options = exhaustive_options();
    options.beam = 1;
    options.max_extra = 9;
    TableModel model(kVocab, {table});
    const Hypothesis found = beam_search(model, options)[0][0];
    std::vector<int32_t> greedy;
    for (int32_t last = kStart; last != kEnd && greedy.size() < 9;) {
      const float* row = table.data() + last * kVocab;
      last = static_cast<int32_t>(std::max_element(row + 1, row + kVocab) - row);
      greedy.push_back(last);
    }
    EXPECT_EQ(found.tokens, greedy);
  }
}

TEST(BeamSearch, RunsUnchangedOverAnNgram) {
  NgramModel model(6, 3, 1e-6);
  for (int i = 0; i < 3; ++i) model.count(std::vector<int32_t>{2, 3, 4, 5, 1}, kStart);
  model.count(std::vector<int32_t>{2, 3, 5, 1}, kStart);
  model.set_sequences(2);
  BeamOptions options = exhaustive_options();
  options.beam = 4;
  options.nbest = 2;
  options.max_extra = 10;
  options.length_penalty = LengthPenalty::none;
  for (const auto& found : beam_search(model, options)) {
    EXPECT_EQ(found[0].tokens, (std::vector<int32_t>{2, 3, 4, 5, 1}));
    EXPECT_EQ(found[1].tokens, (std::vector<int32_t>{2, 3, 5, 1}));
    EXPECT_NEAR(std::exp(found[0].log_probability), 0.75, 1e-3);
  }
}

TEST(BeamSearch, LimitsAndEmptyBatches) {
  RandomStream random({14, 0, 0, 0});
  TableModel none(kVocab, {});
  EXPECT_TRUE(beam_search(none, exhaustive_options()).empty());
  std::vector<float> never(kVocab * kVocab, -0.7f);
  for (int32_t last = 0; last < kVocab; ++last) never[last * kVocab + kEnd] = -1e30f;
  TableModel model(kVocab, {never});
  BeamOptions options = exhaustive_options();
  options.beam = 2;
  options.max_extra = 7;
  const auto found = beam_search(model, options)[0];
  EXPECT_EQ(found[0].tokens.size(), 7u);
  options.nbest = 3;
  EXPECT_THROW(beam_search(model, options), InputError);
}

}  // namespace
}  // namespace heddle::decode
