#include "heddle/data/parallel_text.h"

#include <gtest/gtest.h>

#include "heddle/base/error.h"
#include "tests/places/temporary_folder.h"

namespace heddle::data {
namespace {

const auto kNoWarning = [](const std::string& why) { FAIL() << why; };

std::string error_of(const ParallelFiles& files) {
  try {
    read_parallel(files, kNoWarning);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(ParallelText, ReadsTwoAlignedFiles) {
  TemporaryFolder folder;
  const ParallelFiles files = {folder.write("a", "one\n\nthree"), folder.write("b", "eins\nzwei\n\n")};
  EXPECT_EQ(read_parallel(files, kNoWarning), (std::vector<TextPair>{{"one", "eins"}, {"", "zwei"}, {"three", ""}}));
}

TEST(ParallelText, NamesBothCountsWhenLengthsDiffer) {
  TemporaryFolder folder;
  const std::string error = error_of({folder.write("a", "1\n2\n3\n4\n"), folder.write("b", "1\n2\n")});
  EXPECT_NE(error.find("a has 4 lines"), std::string::npos) << error;
  EXPECT_NE(error.find("b has 2"), std::string::npos) << error;
}

TEST(ParallelText, EmptyFilesAreErrors) {
  TemporaryFolder folder;
  EXPECT_NE(error_of({folder.write("a", ""), folder.write("b", "")}).find("no lines"), std::string::npos);
  EXPECT_NE(error_of({folder.write("t.tsv", ""), {}}).find("empty"), std::string::npos);
  EXPECT_NE(error_of({folder.write("h.tsv", "source\ttarget\n"), {}}).find("no lines"), std::string::npos);
}

TEST(ParallelText, ReadsTsvColumnsByName) {
  TemporaryFolder folder;
  const auto file = folder.write("t.tsv", "id\tde\ten\n1\teins\tone\n2\tzwei\ttwo\n");
  EXPECT_EQ(read_parallel({file, {}, "en", "de"}, kNoWarning),
            (std::vector<TextPair>{{"one", "eins"}, {"two", "zwei"}}));
  const std::string error = error_of({file, {}, "fr", "de"});
  EXPECT_NE(error.find("id, de, en"), std::string::npos) << error;
}

TEST(ParallelText, ReadsTsvColumnsByNumber) {
  TemporaryFolder folder;
  const auto file = folder.write("t.tsv", "1\teins\tone\n2\tzwei\ttwo\n");
  EXPECT_EQ(read_parallel({file, {}, "3", "2"}, kNoWarning), (std::vector<TextPair>{{"one", "eins"}, {"two", "zwei"}}));
  EXPECT_NE(error_of({file, {}, "4", "2"}).find("column 4"), std::string::npos);
  EXPECT_NE(error_of({file, {}, "0", "2"}), "no error");
}

TEST(ParallelText, UnevenTsvRowsAreNamed) {
  TemporaryFolder folder;
  const auto file = folder.write("t.tsv", "source\ttarget\na\tb\na\tb\tc\n");
  EXPECT_NE(error_of({file, {}}).find("t.tsv:3: 3 columns"), std::string::npos);
}

TEST(ParallelText, RepairsAndCountsBrokenUtf8) {
  TemporaryFolder folder;
  const ParallelFiles files = {folder.write("a", "ok\nb\xFFz\n"), folder.write("b", "\xC3\nok\n")};
  std::string warning;
  const auto pairs = read_parallel(files, [&](const std::string& why) { warning = why; });
  EXPECT_EQ(pairs[1].source, "b\xEF\xBF\xBDz");
  EXPECT_EQ(pairs[0].target, "\xEF\xBF\xBD");
  EXPECT_NE(warning.find("2 lines"), std::string::npos) << warning;
}

TEST(ParallelText, FindsCompressedFilesByThePlainName) {
  TemporaryFolder folder;
  folder.write("train.en.gz", "");
  folder.write("train.de.zst", "");
  folder.write("valid.en", "");
  EXPECT_EQ(find_data_file(folder.path(), "train.en").filename(), "train.en.gz");
  EXPECT_EQ(find_data_file(folder.path(), "train.de").filename(), "train.de.zst");
  EXPECT_EQ(find_data_file(folder.path(), "valid.en").filename(), "valid.en");
  EXPECT_THROW(find_data_file(folder.path(), "test.en"), InputError);
}

}  // namespace
}  // namespace heddle::data
