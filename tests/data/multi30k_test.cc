// Reads the real Multi30k files where they are; nothing else here needs them.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "heddle/data/parallel_text.h"
#include "tests/places/places.h"

namespace heddle::data {
namespace {

TEST(Multi30k, IsReadWholeAndAligned) {
  const char* set = std::getenv("HEDDLE_DATA");
  const std::filesystem::path folder = (set ? std::filesystem::path(set) : source_path("../shared/data")) / "multi30k";
  if (!std::filesystem::exists(folder))
    GTEST_SKIP() << "no Multi30k in " << folder << "; set HEDDLE_DATA to the folder that holds multi30k";
  const auto fail = [](const std::string& why) { FAIL() << why; };
  const auto pairs = read_parallel({find_data_file(folder, "train.en"), find_data_file(folder, "train.de")}, fail);
  EXPECT_EQ(pairs.size(), 29000u);
  EXPECT_EQ(read_parallel({find_data_file(folder, "valid.en"), find_data_file(folder, "valid.fr")}, fail).size(),
            1014u);
}

}  // namespace
}  // namespace heddle::data
