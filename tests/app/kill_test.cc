// A run that is killed again and again, at any moment, ends with the weights of one that never was.
//
// HEDDLE_KILLS says how often (12 by default; 50 is the full measure).

#include <chrono>
#include <cstdlib>
#include <thread>

#include "heddle/base/random.h"
#include "tests/app/program.h"

namespace heddle::app {
namespace {

using std::chrono::milliseconds;

std::vector<std::string> train(const fs::path& recipe, const fs::path& out) {
  return {"train", recipe.string(), "--out", out.string(), "--resume"};
}

fs::path last_checkpoint(const fs::path& run) {
  fs::path newest;
  for (const auto& entry : fs::directory_iterator(run / "checkpoints"))
    if (entry.path().filename().string().starts_with("step-")) newest = std::max(newest, entry.path());
  return newest;
}

int64_t newest_complete_step(const fs::path& run) {
  int64_t step = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(run / "checkpoints", error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("step-")) step = std::max(step, static_cast<int64_t>(std::stoll(name.substr(5))));
  }
  return step;
}

TEST(Kill, ARunKilledAtAnyMomentEndsAsIfItHadNot) {
  const char* wanted = std::getenv("HEDDLE_KILLS");
  const int kills = wanted ? std::atoi(wanted) : 12;
  const Folder folder;
  write_digits(folder);
  // Long enough that the kills fit in, and saving every other step so that they fall into saves.
  const fs::path recipe =
      write_recipe(folder, "save_every = 2\nvalidate_every = 50\nmax_steps = " + std::to_string(40 * kills) + "\n");
  const auto began = std::chrono::steady_clock::now();
  const Finished unbroken = run(folder, train(recipe, folder / "whole"));
  const std::chrono::duration<double> a_save = (std::chrono::steady_clock::now() - began) / (20 * kills);
  ASSERT_EQ(unbroken.code, 0) << unbroken.err;

  RandomStream random({static_cast<uint64_t>(getpid()), 0, 0, 0});
  int inside_a_save = 0;
  int64_t reached = 0;
  for (int killed = 0; killed < kills; ++killed) {
    Program program(folder, train(recipe, folder / "killed"), "", {});
    // At any moment from some step on, which lies 20 steps further on average: half of those there are.
    const auto step = reached + static_cast<int64_t>(random.below(38));
    while (program.running() && newest_complete_step(folder / "killed") < step)
      std::this_thread::sleep_for(milliseconds(1));
    std::this_thread::sleep_for(random.uniform() * a_save);
    ASSERT_TRUE(program.running()) << "finished before the last kill";
    program.kill(SIGKILL);
    EXPECT_EQ(program.wait().code, -SIGKILL);
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder / "killed" / "checkpoints", error))
      inside_a_save += entry.path().filename().string().starts_with(".unfinished");
    const int64_t now = newest_complete_step(folder / "killed");
    EXPECT_GE(now, reached) << "a complete checkpoint was lost";
    reached = now;
  }
  std::printf("%d kills, %d of them inside a save; the last at step %lld of %d\n", kills, inside_a_save,
              static_cast<long long>(reached), 40 * kills);
  const Finished last = run(folder, train(recipe, folder / "killed"));
  ASSERT_EQ(last.code, 0) << last.err;
  const fs::path a = last_checkpoint(folder / "whole"), b = last_checkpoint(folder / "killed");
  for (const char* part : {"model.safetensors", "optimizer.safetensors"})
    EXPECT_EQ(slurp(a / part), slurp(b / part)) << part;
  EXPECT_EQ(slurp(folder / "whole" / "model.safetensors"), slurp(folder / "killed" / "model.safetensors"));
  const Finished again = run(folder, train(recipe, folder / "killed"));
  EXPECT_EQ(again.code, 0);
  EXPECT_NE(again.err.find("is finished at step"), std::string::npos) << again.err;
}

TEST(Kill, SignalsAreAnsweredAfterTheStepWithASave) {
  const Folder folder;
  write_digits(folder);
  const fs::path recipe = write_recipe(folder, "save_every = 100000\nvalidate_every = 100000\nmax_steps = 100000\n");
  const auto logged = [&] {
    std::error_code none_yet;
    const auto bytes = fs::file_size(folder / "run" / "metrics.jsonl", none_yet);
    return none_yet ? 0 : bytes;
  };
  for (const int signal : {SIGINT, SIGTERM}) {
    const auto before = logged();
    Program program(folder, train(recipe, folder / "run"), "", {});
    while (program.running() && logged() == before) std::this_thread::sleep_for(milliseconds(5));
    program.kill(signal);
    const Finished ended = program.wait();
    EXPECT_EQ(ended.code, 128 + signal) << ended.err;
    EXPECT_GT(newest_complete_step(folder / "run"), 0);
  }
}

}  // namespace
}  // namespace heddle::app
