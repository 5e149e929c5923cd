// What a run refuses before it starts, and what its result depends on.

#include "heddle/lab/run.h"

#include <gtest/gtest.h>

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "heddle/base/error.h"

namespace heddle::lab {
namespace {

class WithData : public testing::Test {
 protected:
  WithData() {
    std::filesystem::create_directories(folder_);
    one_.data_files = {"text.en", "text.de"};
    options_.data = folder_.string();
  }
  ~WithData() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& file, const std::string& text) const { std::ofstream(folder_ / file) << text; }
  std::string refusal() const {
    try {
      check_options(one_, options_);
    } catch (const InputError& error) {
      return error.what();
    }
    return {};
  }

  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / fmt::format("heddle_run_{}", getpid());
  Experiment one_ = *all_experiments()[0];
  RunOptions options_;
};

TEST_F(WithData, AFolderThatLacksAFileIsRefused) {
  write("text.en", "a");
  const std::string said = refusal();
  EXPECT_NE(said.find("text.de"), std::string::npos) << said;
  EXPECT_NE(said.find(folder_.string()), std::string::npos) << said;
  write("text.de", "b");
  EXPECT_EQ(refusal(), "");
  one_.data_files.clear();
  EXPECT_NE(refusal().find("without --data"), std::string::npos) << refusal();
  options_.data.clear();
  EXPECT_EQ(refusal(), "");
}

TEST_F(WithData, TheKeyFollowsTheContentOfTheFiles) {
  write("text.en", "a");
  write("text.de", "b");
  const std::string key = result_key(one_, options_);
  EXPECT_EQ(result_key(one_, options_), key);
  write("other", "c");
  EXPECT_EQ(result_key(one_, options_), key);
  write("text.de", "c");
  EXPECT_NE(result_key(one_, options_), key);
}

TEST(Run, TheKeyFollowsWhatIsDeclared) {
  const Experiment& one = *all_experiments()[0];
  const RunOptions options;
  const std::string key = result_key(one, options);
  Experiment next_version = one;
  ++next_version.version;
  EXPECT_NE(result_key(next_version, options), key);
  RunOptions other = options;
  other.size = Size::full;
  EXPECT_NE(result_key(one, other), key);
  other = options;
  other.first_seed = 2;
  EXPECT_NE(result_key(one, other), key);
  other = options;
  other.seeds = one.quick_seeds + 1;
  EXPECT_NE(result_key(one, other), key);
  other.seeds = one.quick_seeds;
  EXPECT_EQ(result_key(one, other), key);
}

}  // namespace
}  // namespace heddle::lab
