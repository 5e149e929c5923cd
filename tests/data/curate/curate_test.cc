#include "heddle/data/curate/curate.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "heddle/base/error.h"
#include "tests/places/temporary_folder.h"

namespace heddle::data {
namespace {

std::string slurp(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

TEST(SplitFile, PartsHaveTheHeaderAllRowsAndTheProportions) {
  TemporaryFolder folder;
  std::string rows = "label\ttext\n";
  for (int i = 0; i < 200; ++i)
    rows += std::string(i % 4 == 0 ? "rare" : "common") + "\ttext number " + std::to_string(i / 2) + "\n";
  const auto out = folder.path() / "out";
  const SplitCounts counts = split_file(folder.write("all.tsv", rows), out,
                                        {.valid = 0.2, .test = 0.1, .stratify = "label", .seed = 3}, {{"text"}}, {});
  EXPECT_EQ(counts.train + counts.valid + counts.test, 200);
  EXPECT_NEAR(static_cast<double>(counts.valid), 40, 4);
  EXPECT_NEAR(static_cast<double>(counts.test), 20, 4);
  std::map<std::string, std::string> part_of_text;
  std::map<std::string, int> rare;
  for (const char* part : {"train", "valid", "test"}) {
    const auto reader = open_records(out / (std::string(part) + ".tsv"));
    EXPECT_EQ(reader->columns(), (std::vector<std::string>{"label", "text"}));
    for (Record record; reader->next(record);) {
      rare[part] += record[0] == "rare";
      const auto [found, is_new] = part_of_text.try_emplace(std::string(record[1]), part);
      EXPECT_EQ(found->second, part) << "equal texts stay together";
    }
  }
  EXPECT_EQ(part_of_text.size(), 100u);
  EXPECT_NEAR(rare["valid"], 10, 3);
  const std::string first = slurp(out / "valid.tsv");
  split_file(folder.path() / "all.tsv", out, {.valid = 0.2, .test = 0.1, .stratify = "label", .seed = 3}, {{"text"}},
             {});
  EXPECT_EQ(slurp(out / "valid.tsv"), first);
  EXPECT_THROW(split_file(folder.path() / "all.tsv", out, {.valid = 1}, {}, {}), InputError);
  EXPECT_THROW(split_file(folder.path() / "all.tsv", out, {.stratify = "lable"}, {{"text"}}, {}), InputError);
}

TEST(SplitFile, ATestPartOfAnEarlierSplitIsNotLeftBeside) {
  TemporaryFolder folder;
  std::string rows;
  for (int i = 0; i < 50; ++i) rows += "text number " + std::to_string(i) + "\n";
  const auto all = folder.write("all.txt", rows), out = folder.path() / "out";
  split_file(all, out, {.valid = 0.2, .test = 0.2}, {}, {});
  EXPECT_THROW(split_file(all, out, {.valid = 0.2}, {}, {}), InputError);
  std::filesystem::remove(out / "test.txt");
  EXPECT_EQ(split_file(all, out, {.valid = 0.2}, {}, {}).valid, 10);
}

TEST(SplitFile, EveryPartGetsRows) {
  TemporaryFolder folder;
  for (const char* rows : {"", "one row\n"})
    EXPECT_THROW(split_file(folder.write("few.txt", rows), folder.path() / "out", {.valid = 0.1}, {}, {}), InputError);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "out"));
}

TEST(SplitFile, RowsOfSeveralLinesStayWhole) {
  TemporaryFolder folder;
  std::string sentences, csv = "id,text\n";
  for (int i = 0; i < 40; ++i) {
    sentences += "# intent = a" + std::to_string(i % 2) + "\nw" + std::to_string(i) + "\tO\nx\tO\n\n";
    csv += std::to_string(i) + ",\"line one " + std::to_string(i) + "\nline two\"\n";
  }
  for (const auto& [name, text, columns] : {std::tuple("a.conll", sentences, 3u), std::tuple("a.csv", csv, 2u)}) {
    const auto out = folder.path() / "out";
    const SplitCounts counts = split_file(folder.write(name, text), out, {.valid = 0.25}, {}, {});
    EXPECT_EQ(counts.valid, 10);
    const auto reader = open_records(out / (std::string("valid") + std::filesystem::path(name).extension().string()));
    int rows = 0;
    for (Record record; reader->next(record); ++rows) {
      ASSERT_EQ(record.columns(), columns);
      EXPECT_FALSE(record[columns - 1].empty());
    }
    EXPECT_EQ(rows, 10);
  }
}

TEST(DedupFile, KeepsTheFirstAndDropsWhatOthersHave) {
  TemporaryFolder folder;
  const auto file = folder.write("a.txt", "one\ntwo\none\nthree  x\nthree x\ntwo\nfour");
  const auto other = folder.write("b.txt", "four\n");
  const DedupCounts counts = dedup_file(file, folder.path() / "out.txt", {other}, {}, {});
  EXPECT_EQ(slurp(folder.path() / "out.txt"), "one\ntwo\nthree  x\n");
  EXPECT_EQ(counts.kept, 3);
  EXPECT_EQ(counts.repeated, 3);
  EXPECT_EQ(counts.in_others, 1);
  EXPECT_THROW(dedup_file(folder.write("a.json", "[{\"a\": 1}]"), folder.path() / "x", {}, {{"a"}}, {}), InputError);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "x"));
}

TEST(DedupFile, RowsWithoutTextAreComparedInAllColumns) {
  TemporaryFolder folder;
  std::string labels;
  for (int i = 0; i < 10; ++i) labels += i % 2 ? "cat\n" : "dog\n";
  const auto out = folder.path() / "kept.txt";
  EXPECT_EQ(dedup_file(folder.write("labels.txt", labels), out, {}, {}, {}).kept, 2);
  EXPECT_EQ(slurp(out), "dog\ncat\n");
}

TEST(DedupFile, RefusesWhatItDoesNotWrite) {
  TemporaryFolder folder;
  const auto lines = folder.write("a.txt", "one\n"), json = folder.write("a.json", R"([{"a": 1}, {"a": 1}])");
  const auto refuses = [](const auto& file, const auto& out, std::string_view why) {
    try {
      dedup_file(file, out, {}, {}, {});
    } catch (const InputError& error) {
      return std::string_view(error.what()).find(why) != std::string_view::npos;
    }
    return false;
  };
  EXPECT_TRUE(refuses(lines, folder.path() / "b.txt.gz", "plain text"));
  EXPECT_TRUE(refuses(json, folder.path() / "b.json", "write JSON lines"));
}

}  // namespace
}  // namespace heddle::data
