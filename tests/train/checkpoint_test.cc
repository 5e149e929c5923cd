#include "heddle/train/checkpoint.h"

#include <gtest/gtest.h>

#include <fstream>

#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "tests/places/temporary_folder.h"

namespace heddle::train {
namespace {

namespace fs = std::filesystem;

void save(CheckpointFolder& checkpoints, int64_t step, int64_t keep_last = 2) {
  RunState state;
  state.step = step;
  state.position = {step / 10, step % 10};
  state.score_name = "bleu";
  state.best_score = 31.5;
  state.validations_since_best = 2;
  checkpoints.save(
      state,
      [&](const fs::path& part) {
    write_file_atomic(part / "model.safetensors", "weights of step " + std::to_string(step));
    write_file_atomic(part / "ema.safetensors", "their average");
    fs::create_directory(part / "adapter");
    write_file_atomic(part / "adapter" / "de.safetensors", "an adapter");
      },
      keep_last);
}

TEST(Checkpoint, HoldsNamedPartsAndTheStateOfTheRun) {
  const TemporaryFolder folder;
  CheckpointFolder checkpoints(folder.path());
  save(checkpoints, 7);
  const auto found = checkpoints.newest([](const std::string& why) { ADD_FAILURE() << why; });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->state.step, 7);
  EXPECT_EQ(found->state.position.batch, 7);
  EXPECT_EQ(found->state.best_score, 31.5);
  EXPECT_EQ(found->state.validations_since_best, 2);
  EXPECT_EQ(read_file(found->path / "adapter" / "de.safetensors", 100), "an adapter");
  const std::string manifest = read_file(found->path / "manifest.json", 10000);
  for (const char* part : {"model.safetensors", "ema.safetensors", "adapter/de.safetensors", "state.json"})
    EXPECT_NE(manifest.find(part), std::string::npos) << part;
}

// Every part is held by its manifest: missing, cut, or changed anywhere, the checkpoint before is taken.
TEST(Checkpoint, ADamagedPartSkipsTheCheckpointAndSaysWhy) {
  const auto damage = [](const char* part, auto&& harm, const char* reason) {
    const TemporaryFolder folder;
    CheckpointFolder checkpoints(folder.path());
    save(checkpoints, 1);
    save(checkpoints, 2);
    harm(checkpoints.all().back().path / part);
    std::string why;
    const auto found = checkpoints.newest([&](const std::string& said) { why += said; });
    ASSERT_TRUE(found);
    EXPECT_EQ(found->state.step, 1) << part;
    EXPECT_NE(why.find(reason), std::string::npos) << why;
    EXPECT_NE(why.find(part), std::string::npos) << why;
  };
  for (const char* part : {"model.safetensors", "ema.safetensors", "adapter/de.safetensors"}) {
    damage(
        part, [](const fs::path& file) { fs::remove(file); }, "missing");
    damage(
        part, [](const fs::path& file) { fs::resize_file(file, 3); }, "size");
    damage(
        part, [](const fs::path& file) { std::fstream(file, std::ios::in | std::ios::out).seekp(4).put('#'); }, "hash");
  }
  damage(
      "manifest.json", [](const fs::path& file) { fs::remove(file); }, "manifest");
  damage(
      "manifest.json", [](const fs::path& file) { std::ofstream(file) << std::string(100000, '['); }, "is nested more");
}

TEST(Checkpoint, KeepsTheLastAndReplacesTheSameStepOnlyWhenItsSuccessorStands) {
  const TemporaryFolder folder;
  CheckpointFolder checkpoints(folder.path());
  for (int64_t step : {2, 4, 6, 8}) save(checkpoints, step);
  ASSERT_EQ(checkpoints.all().size(), 2u);
  EXPECT_EQ(checkpoints.all().front().step, 6);
  save(checkpoints, 8);
  ASSERT_EQ(checkpoints.all().size(), 2u);
  EXPECT_EQ(checkpoints.all().back().step, 8);
  // A save that fails leaves everything as it was.
  RunState state;
  state.step = 8;
  EXPECT_THROW(checkpoints.save(
                   state, [](const fs::path&) { throw SystemError("no space left"); }, 2),
               SystemError);
  EXPECT_EQ(checkpoints.newest([](const std::string&) {})->state.step, 8);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 2);
}

// A reader at any moment of a save sees the checkpoints before, and nothing else.
TEST(Checkpoint, ASaveIsUnseenUntilItIsWhole) {
  const TemporaryFolder folder;
  CheckpointFolder checkpoints(folder.path());
  save(checkpoints, 1);
  RunState state;
  state.step = 2;
  checkpoints.save(
      state,
      [&](const fs::path& part) {
    write_file_atomic(part / "model.safetensors", "weights of step 2");
    EXPECT_EQ(checkpoints.all().size(), 1u);
    const auto found = checkpoints.newest([](const std::string& why) { ADD_FAILURE() << why; });
    EXPECT_EQ(found->state.step, 1);
      },
      2);
  EXPECT_EQ(checkpoints.newest([](const std::string&) {})->state.step, 2);
}

TEST(Checkpoint, WhatAKilledSaveLeftIsNeitherSeenNorKept) {
  const TemporaryFolder folder;
  CheckpointFolder checkpoints(folder.path());
  save(checkpoints, 3);
  fs::copy(checkpoints.all().back().path, folder.path() / ".unfinished-step-000000009", fs::copy_options::recursive);
  EXPECT_EQ(checkpoints.newest([](const std::string&) {})->state.step, 3);
  checkpoints.remove_leftovers();
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
}

}  // namespace
}  // namespace heddle::train
