#include "heddle/task/sweep.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "tests/places/temporary_folder.h"

namespace heddle::task {
namespace {

TEST(Sweep, AxesArePartedByCommasOutsideOfBrackets) {
  EXPECT_EQ(parse_axis("model.norm=layer,rms").values, (std::vector<std::string>{"layer", "rms"}));
  const GridAxis axis = parse_axis("a.b=[1, 2],'x,y',f(1,2) & g");
  EXPECT_EQ(axis.key, "a.b");
  EXPECT_EQ(axis.values, (std::vector<std::string>{"[1, 2]", "'x,y'", "f(1,2) & g"}));
  for (const char* text : {"", "model.norm", "=a", "a=", "a=b,,c", "a=b,"})
    EXPECT_THROW(parse_axis(text), InputError) << text;
}

TEST(Sweep, CombinationsAreAllAndOnce) {
  const auto all = combinations({{"x", {"1", "2"}}, {"y", {"a", "b", "c"}}});
  ASSERT_EQ(all.size(), 6u);
  EXPECT_EQ(all[0], (Settings{{"x", "1"}, {"y", "a"}}));
  EXPECT_EQ(all[1], (Settings{{"x", "1"}, {"y", "b"}}));
  EXPECT_EQ(all[5], (Settings{{"x", "2"}, {"y", "c"}}));
  EXPECT_EQ(combinations({}).size(), 1u);
  EXPECT_THROW(combinations({{"x", {"1"}}, {"x", {"2"}}}), InputError);
  const std::vector<std::string> many(101, "v");
  EXPECT_THROW(combinations({{"x", many}, {"y", many}}), InputError);
}

class ASweep : public testing::Test {
 protected:
  ASweep() {
    std::ofstream source(folder_.path() / "train.source"), target(folder_.path() / "train.target");
    for (int i = 0; i < 60; ++i) {
      source << "a b " << (i % 2 ? "c" : "d") << '\n';
      target << (i % 2 ? "c" : "d") << '\n';
    }
    std::ofstream(folder_.path() / "tiny.toml") << R"(
task = "language_model"
[data]
valid_source = "train.source"
valid_target = "train.target"
[tokenizer]
type = "word"
min_frequency = 1
[model]
kind = "decoder_only"
width = 16
decoder_layers = 1
heads = 2
ffn = 16
max_length = 16
[train]
max_steps = 3
batch_tokens = 100
)";
    flags_ = {.recipe = folder_.path() / "tiny.toml",
              .out = folder_.path() / "out",
              .results = folder_.path() / "results.jsonl",
              .overrides = {"data.dir=" + folder_.path().string()},
              .axes = {{"model.norm", {"layer", "rms", "instance"}}}};
  }
  TemporaryFolder folder_;
  SweepFlags flags_;
};

TEST_F(ASweep, TrainsWhatMakesSenseAndSaysWhyNotTheRest) {
  const SweepOutcome outcome = sweep(flags_);
  ASSERT_EQ(outcome.results.size(), 4u);
  EXPECT_EQ(outcome.results[1].seed, 2);
  for (const SweepResult& result : outcome.results) {
    EXPECT_EQ(result.recipe, "tiny");
    EXPECT_EQ(result.score_name, "exact");
    EXPECT_EQ(result.steps, 3);
    EXPECT_GT(result.parameters, 1000);
    EXPECT_GT(result.activation_bytes, 0);
  }
  ASSERT_TRUE(outcome.refused.contains("model.norm=instance"));  // it looks ahead
  const std::string table = sweep_table(outcome);
  EXPECT_NE(table.find("| model.norm=rms | "), std::string::npos) << table;
  EXPECT_NE(table.find("refused: "), std::string::npos) << table;
}

TEST_F(ASweep, StartedAgainRunsWhatIsMissingOnly) {
  sweep(flags_);
  const std::string before = read_file(flags_.results, 1 << 20);
  const std::string first_line = before.substr(0, before.find('\n') + 1);
  std::ofstream(flags_.results) << first_line;
  std::filesystem::remove_all(flags_.out);
  flags_.axes[0].values.push_back("scale");
  const SweepOutcome outcome = sweep(flags_);
  EXPECT_EQ(outcome.results.size(), 6u);
  const std::string after = read_file(flags_.results, 1 << 20);
  EXPECT_EQ(after.substr(0, first_line.size()), first_line);
  EXPECT_EQ(std::ranges::count(after, '\n'), 6);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(flags_.out), {}), 5) << "the known run is not run again";
}

// Every run is there already, as after a break behind its last step.
TEST_F(ASweep, GoneOnWithARunHasCostWhatItCostBefore) {
  const SweepOutcome first = sweep(flags_);
  std::filesystem::remove(flags_.results);
  const SweepOutcome again = sweep(flags_);
  ASSERT_EQ(again.results.size(), first.results.size());
  for (size_t i = 0; i < first.results.size(); ++i) {
    EXPECT_GT(first.results[i].cpu_seconds, 0);
    EXPECT_GE(again.results[i].cpu_seconds, first.results[i].cpu_seconds);
    EXPECT_GE(again.results[i].seconds, first.results[i].seconds);
  }
}

TEST_F(ASweep, WhatCannotBeIsASentence) {
  flags_.axes = {{"model.norm", {"nonesuch"}}};
  EXPECT_THROW(sweep(flags_), InputError);
  flags_.axes = {{"model.nonesuch", {"1"}}};
  EXPECT_THROW(sweep(flags_), InputError);
  flags_.axes = {{"model.decoder.attention.mask", {"full"}}};  // it would see what it is to predict
  EXPECT_THROW(sweep(flags_), InputError);
  EXPECT_FALSE(std::filesystem::exists(flags_.results)) << "a run was trained before the refusal";
  std::ofstream(flags_.results) << "{}\n";
  EXPECT_THROW(sweep(flags_), InputError);
}

TEST(SweepRows, SeedsTogether) {
  SweepResult a{.recipe = "r", .settings = {{"k", "1"}}, .seed = 1, .score = 2};
  SweepResult b = a;
  b.seed = 2;
  b.score = 4;
  SweepResult c = a;
  c.settings["k"] = "2";
  const auto rows = rows_of({a, c, b});
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].runs, 2);
  EXPECT_EQ(rows[0].mean, 3);
  EXPECT_EQ(rows[0].lowest, 2);
  EXPECT_EQ(rows[0].highest, 4);
}

}  // namespace
}  // namespace heddle::task
