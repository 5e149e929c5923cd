// Every experiment at its smallest: it runs, its figures are finite, its report is complete, and
// broken it proves nothing.

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <cmath>

#include "heddle/lab/embedded.h"
#include "heddle/lab/result_store.h"
#include "heddle/lab/run.h"
#include "tests/places/places.h"

namespace heddle::lab {
namespace {

class EveryExperiment : public testing::TestWithParam<int> {};

TEST_P(EveryExperiment, RunsAtItsSmallest) {
  const Experiment& one = experiment(GetParam());
  EXPECT_TRUE(one.question.complete() && one.prediction.complete() && one.scope.complete());
  EXPECT_FALSE(one.literature.empty());
  EXPECT_LE(one.quick_seconds, 60);
  EXPECT_LE(one.full_seconds, 240);
  EXPECT_FALSE(source_hash(std::filesystem::path(one.file).filename().string()).empty()) << one.file;
  const RowResult result = run_row(one, {.size = Size::minimal, .changed = {}, .data = {}, .progress = {}});
  EXPECT_FALSE(result.figures.empty());
  for (const Figure& figure : result.figures)
    for (const double value : figure.values) EXPECT_TRUE(std::isfinite(value)) << figure.name;
  for (const ClaimResult& claim : result.claims) EXPECT_TRUE(claim.text.complete()) << claim.id;
  EXPECT_FALSE(result.pictures.tables.empty() && result.pictures.charts.empty() && result.pictures.heatmaps.empty());
  // What is stored is read back as it was.
  EXPECT_EQ(result_as_json(read_result(result_as_json(result), "result")), result_as_json(result));
}

// With one seed under a sanitizer, where each takes many times as long.
TEST_P(EveryExperiment, ProvesNothingWhenBroken) {
  const RowResult result = run_row(experiment(GetParam()), {.size = Size::minimal,
                                                            .null = true,
                                                            .seeds = memory_is_ours() ? 3 : 1,
                                                            .changed = {},
                                                            .data = {},
                                                            .progress = {}});
  EXPECT_NE(result.judgement.verdict, Verdict::holds);
}

TEST_P(EveryExperiment, StoredVerdictsFollowFromStoredFigures) {
  const auto stored = embedded_file(fmt::format("docs/results/lab/{:03}.json", GetParam()));
  if (!stored) GTEST_SKIP() << "no stored result yet";
  const RowResult as_stored = read_result(*stored, "stored");
  RowResult judged = as_stored;
  judge_row(judged);
  EXPECT_EQ(result_as_json(judged), result_as_json(as_stored));
  EXPECT_EQ(as_stored.size, Size::full);
  EXPECT_FALSE(as_stored.changed);
}

std::vector<int> rows() {
  std::vector<int> all;
  for (const Experiment* one : all_experiments()) all.push_back(one->row);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Lab, EveryExperiment, testing::ValuesIn(rows()),
                         [](const auto& row) { return fmt::format("{:03}", row.param); });

}  // namespace
}  // namespace heddle::lab
