#include "heddle/lab/result_store.h"

#include <unistd.h>

#include <gtest/gtest.h>

#include "heddle/base/error.h"
#include "heddle/lab/run.h"

namespace heddle::lab {
namespace {

class InAFolder : public testing::Test {
 protected:
  ~InAFolder() override { std::filesystem::remove_all(folder_); }
  // Its own, as several tests run at once.
  std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / ("heddle_result_store_" + std::to_string(getpid()));
  RowResult result_ =
      run_row(*all_experiments()[0], {.size = Size::minimal, .changed = {}, .data = {}, .progress = {}});
};

TEST_F(InAFolder, FindsWhatWasSaved) {
  const ResultStore store(folder_);
  EXPECT_FALSE(store.find(result_.row, Size::minimal));
  store.save(result_);
  EXPECT_EQ(result_as_json(*store.find(result_.row, Size::minimal)), result_as_json(result_));
  EXPECT_FALSE(store.find(result_.row, Size::full));
}

TEST_F(InAFolder, AChangedResultIsRefused) {
  const ResultStore store(folder_);
  store.save(result_);
  RowResult changed = result_;
  changed.changed = true;
  EXPECT_THROW(store.save(changed), Error);
  EXPECT_EQ(result_as_json(*store.find(result_.row, Size::minimal)), result_as_json(result_));
}

TEST_F(InAFolder, AResultWithoutTheFiguresOfTodaysRulesIsNone) {
  const ResultStore store(folder_);
  result_.figures.clear();
  store.save(result_);
  EXPECT_FALSE(store.find(result_.row, Size::minimal));
}

}  // namespace
}  // namespace heddle::lab
