#include "heddle/data/check/data_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "heddle/data/check/print_report.h"
#include "tests/places/temporary_folder.h"

namespace heddle::data {
namespace {

std::optional<TagError> error_of(std::vector<std::string_view> tags, TagScheme scheme = TagScheme::bio) {
  return tag_error(tags, scheme);
}

TEST(TagScheme, BioAndBioes) {
  EXPECT_FALSE(error_of({"O", "B-x", "I-x", "B-x", "O", "B-y"}));
  EXPECT_FALSE(error_of({"B-x", "I-x", "E-x", "S-y", "O"}, TagScheme::bioes));
  EXPECT_FALSE(error_of({"B-x", "L-x", "U-y"}, TagScheme::bioes)) << "BILOU by its own letters";
  EXPECT_EQ(error_of({"O", "I-x"})->token, 1u);
  EXPECT_EQ(error_of({"I-x"})->problem, "I-x follows nothing; a span begins with B-x");
  EXPECT_EQ(error_of({"B-x", "I-y"})->token, 1u);
  EXPECT_EQ(error_of({"B-x", "O"}, TagScheme::bioes)->token, 0u);
  EXPECT_EQ(error_of({"O", "B-x"}, TagScheme::bioes)->token, 1u) << "a sentence ends inside a span";
  EXPECT_EQ(error_of({"S-x", "E-x"}, TagScheme::bioes)->token, 1u);
  EXPECT_FALSE(parse_tag("PER"));
}

class DataCheck : public testing::Test {
 protected:
  SetReport check(const CheckOptions& options = {}) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) files.push_back(entry.path());
    std::ranges::sort(files);
    const auto sets = group_files(files);
    EXPECT_EQ(sets.size(), 1u);
    return check_data_set(sets[0], options);
  }
  // Whether a finding of this severity has all these words.
  static bool found(const SetReport& report, Severity severity, const std::vector<std::string>& words) {
    return std::ranges::any_of(report.findings, [&](const Finding& finding) {
      return finding.severity == severity && std::ranges::all_of(words, [&](const std::string& word) {
               return finding.sentence.find(word) != std::string::npos;
             });
    });
  }
  TemporaryFolder folder_;
};

std::string labelled_rows(int from, int to) {
  std::string text = "label\tid\tscore\ttext\n";
  for (int i = from; i < to; ++i)
    text += std::string(i % 3 == 0 ? "good" : "bad") + "\tr" + std::to_string(i) + "\t" + std::to_string(i * 0.5) +
            "\tsome words about number " + std::to_string(i) + "\n";
  return text;
}

TEST_F(DataCheck, KindsOfColumns) {
  folder_.write("train.tsv", labelled_rows(0, 60));
  const SetReport report = check();
  ASSERT_EQ(report.parts.size(), 1u);
  const auto& columns = report.parts[0].columns;
  EXPECT_EQ(columns[0].kind, ColumnKind::label);
  EXPECT_EQ(columns[0].classes[0].value, "bad");
  EXPECT_EQ(columns[0].classes[0].count, 40);
  EXPECT_EQ(columns[1].kind, ColumnKind::id);
  EXPECT_EQ(columns[2].kind, ColumnKind::number);
  EXPECT_DOUBLE_EQ(columns[2].most, 29.5);
  EXPECT_EQ(columns[3].kind, ColumnKind::text);
  EXPECT_EQ(columns[3].shortest, 25);
  EXPECT_EQ(columns[3].longest, 26);
  EXPECT_EQ(columns[3].length_histogram, (std::vector<int64_t>{0, 0, 0, 0, 0, 60}));
  EXPECT_EQ(report.compared, std::vector<std::string>{"text"});
  EXPECT_TRUE(report.findings.empty()) << report.findings[0].sentence;
}

TEST_F(DataCheck, DuplicatesLeaksAndContradictions) {
  const std::string train = labelled_rows(0, 60);
  folder_.write("train.tsv",
                train + "bad\tx1\t1\tsome words about number 0\n" + "bad\tx2\t1\tsome  words about number 1 \n");
  folder_.write("valid.tsv", labelled_rows(58, 70));
  const SetReport report = check();
  EXPECT_EQ(report.duplicates.within, (std::vector<int64_t>{2, 0}));
  EXPECT_EQ(report.duplicates.contradicting, (std::vector<int64_t>{1, 0}));
  EXPECT_EQ(report.duplicates.leaks[0][1], 2);
  EXPECT_TRUE(
      found(report, Severity::warning, {"2 of 12 rows", "valid are in train too", "train.tsv:60 =", "valid.tsv:2"}));
  EXPECT_TRUE(found(report, Severity::warning, {"1 rows repeat an earlier text with another label"}));
}

TEST_F(DataCheck, ManyEqualRowsAreCountedInLinearTime) {
  std::string text;
  for (int i = 0; i < 200000; ++i) text += "the same\n";
  folder_.write("train.txt", text);
  folder_.write("test.txt", text);
  const SetReport report = check();
  EXPECT_EQ(report.duplicates.within, (std::vector<int64_t>{199999, 199999}));
  EXPECT_EQ(report.duplicates.leaks[0][1], 200000);
}

TEST_F(DataCheck, OddCharactersAreCountedWithTheirPlace) {
  std::string rows = labelled_rows(0, 60);
  rows +=
      "good\ta\t1\tlost \uFFFD\uFFFD here\nbad\tb\t1\tdÃ©jÃ  vu\nbad\tc\t1\tbell \a rings\nbad\td\t1\ta<br "
      "/>b\nbad\te\t1\t?!…\nbad\tf\t1\t \n";
  folder_.write("train.tsv", rows + "good\tg\t1\tbroken \xFF byte\n");
  const SetReport report = check();
  EXPECT_TRUE(found(report, Severity::warning, {"3 characters in 2 rows are U+FFFD", "train.tsv:62"}));
  EXPECT_TRUE(found(report, Severity::warning, {"encoded twice", "train.tsv:63"}));
  EXPECT_TRUE(found(report, Severity::warning, {"control characters", "train.tsv:64"}));
  EXPECT_TRUE(found(report, Severity::note, {"HTML", "train.tsv:65"}));
  EXPECT_TRUE(found(report, Severity::note, {"no letter", "train.tsv:66"}));
  EXPECT_TRUE(found(report, Severity::warning, {"column text", "1 of 67 rows", "empty", "train.tsv:67"}));
  EXPECT_TRUE(found(report, Severity::error, {"1 lines are not UTF-8, line 68 first"}));
}

TEST_F(DataCheck, TagErrorsHaveTheirLine) {
  folder_.write("train.conll", "# intent = a\nx\tO\ny\tI-t\n\n# intent = a\nx\tB-t\ny\tI-t\n");
  const SetReport report = check();
  EXPECT_EQ(report.parts[0].columns[1].kind, ColumnKind::tags);
  EXPECT_TRUE(found(report, Severity::error, {"1 sentences break the rules of BIO", "train.conll:3: I-t follows O"}));
}

TEST_F(DataCheck, LabelSetsThatDifferAndImbalance) {
  std::string rows = "label\ttext\n", other = "label\ttext\n";
  for (int i = 0; i < 110; ++i)
    rows += std::string(i < 100 ? "common" : "rare") + "\ttext number " + std::to_string(i) + "\n";
  for (int i = 0; i < 20; ++i)
    other += std::string(i < 10 ? "common" : "new") + "\tother text " + std::to_string(i) + "\n";
  folder_.write("train.tsv", rows);
  folder_.write("dev.tsv", other);
  const SetReport report = check();
  EXPECT_TRUE(found(report, Severity::warning, {"valid has labels that train does not have: new (10)"}));
  EXPECT_TRUE(found(report, Severity::note, {"lacks labels of train: rare (10)"}));
  EXPECT_TRUE(found(report, Severity::note, {"common has 100 values, rare has 10"}));
}

TEST_F(DataCheck, ASmallPartHasTheKindsOfTheLargest) {
  folder_.write("train.tsv", labelled_rows(0, 60));
  folder_.write("valid.tsv", "label\tid\tscore\ttext\nmixed\tx\t1\tone two\ngood\ty\t2\tthree four\n");
  const SetReport report = check();
  EXPECT_EQ(report.parts[1].columns[0].kind, ColumnKind::label);
  EXPECT_TRUE(found(report, Severity::warning, {"valid has labels that train does not have: mixed (1)"}));
}

TEST_F(DataCheck, AFileOfLabelsHasNoDuplicates) {
  std::string labels = "label\n";
  for (int i = 0; i < 50; ++i) labels += i % 2 == 0 ? "a\n" : "b\n";
  folder_.write("train.tsv", labels);
  folder_.write("valid.tsv", labels);
  EXPECT_TRUE(check().findings.empty());
}

TEST_F(DataCheck, TokensAndWhatIsCut) {
  folder_.write("train.txt", "a b c\na b\na\n");
  const SetReport report =
      check({.profile = {.count_tokens = [](std::string_view text) { return 1 + std::ranges::count(text, ' '); },
                         .max_tokens = 2}});
  EXPECT_EQ(report.parts[0].columns[0].tokens, 6);
  EXPECT_TRUE(found(report, Severity::warning, {"1 of 3 rows", "longer than 2 tokens", "the longest has 3"}));
}

TEST_F(DataCheck, APartThatCannotBeReadIsAFinding) {
  folder_.write("train.tsv", labelled_rows(0, 60));
  folder_.write("valid.tsv", "label\ttext\nx\n");
  const SetReport report = check();
  EXPECT_EQ(report.parts.size(), 1u);
  EXPECT_TRUE(found(report, Severity::error, {"valid cannot be read", "valid.tsv:2: 1 columns"}));
}

TEST_F(DataCheck, ObjectsMayLackFieldsOfTheFirst) {
  folder_.write("train.jsonl", "{\"a\": \"x y\", \"b\": \"c d\"}\n{\"a\": \"z z\"}\n");
  folder_.write("valid.jsonl", "{\"a\": \"x y\", \"new\": 1}\n");
  const SetReport report = check();
  ASSERT_EQ(report.parts.size(), 2u);
  EXPECT_EQ(report.parts[1].columns.size(), 2u);
  EXPECT_EQ(report.parts[1].columns[1].kind, ColumnKind::empty);
}

TEST_F(DataCheck, TokensAreNoLabelsHoweverFew) {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "show\tO\nflights\tB-x\n\n";
  folder_.write("train.conll", text);
  const SetReport report = check();
  EXPECT_EQ(report.parts[0].columns[0].kind, ColumnKind::text);
  EXPECT_EQ(report.compared, std::vector<std::string>{"token"});
}

TEST_F(DataCheck, ReportsInThreeForms) {
  folder_.write("train.tsv", labelled_rows(0, 60));
  folder_.write("valid.tsv", labelled_rows(59, 70));
  const std::vector<SetReport> reports = {check()};
  const auto json = nlohmann::json::parse(report_as_json(reports));
  EXPECT_EQ(json[0]["parts"][0]["rows"], 60);
  EXPECT_EQ(json[0]["parts"][0]["columns"][0]["classes"]["good"], 20);
  EXPECT_EQ(json[0]["parts"][1]["also_in"]["train"], 1);
  const std::string text = report_as_text(reports), html = report_as_html(reports);
  EXPECT_NE(text.find("bad 40, good 20"), std::string::npos) << text;
  EXPECT_NE(text.find("warning: 1 of 11 rows"), std::string::npos) << text;
  EXPECT_NE(html.find("warning"), std::string::npos);
  EXPECT_EQ(report_as_text(reports, true).find("warning"), std::string::npos);
}

TEST(DataFiles, FilesAreGroupedIntoDataSets) {
  const auto sets =
      group_files({"d/train-00000-of-00002.jsonl.gz", "d/train-00001-of-00002.jsonl.gz", "d/validation.jsonl",
                   "d/small_train.tsv", "d/names.tsv", "x/test/a.txt", "x/train/a.txt"});
  ASSERT_EQ(sets.size(), 4u);
  EXPECT_EQ(sets[0].name, "d/*.jsonl");
  EXPECT_EQ(sets[0].parts[0].files.size(), 2u);
  EXPECT_EQ(sets[0].parts[1].split, Split::valid);
  EXPECT_EQ(sets[1].name, "d/small_*.tsv");
  EXPECT_EQ(sets[2].name, "d/names.tsv");
  EXPECT_EQ(sets[2].parts[0].split, Split::none);
  EXPECT_EQ(sets[3].name, "*/a.txt");
  EXPECT_EQ(sets[3].parts[0].split, Split::train);
}

TEST(DataFiles, OfOtherFoldersAndYearsAreOtherSets) {
  const auto sets =
      group_files({"a/x/train.txt", "a/x/train.txt", "a/x/test.txt", "b/x/train.txt", "n-2020.csv", "n-2021.csv"});
  ASSERT_EQ(sets.size(), 4u);
  EXPECT_EQ(sets[0].name, "x/*.txt");
  EXPECT_EQ(sets[0].parts[0].files.size(), 1u) << "named twice";
  EXPECT_EQ(sets[1].name, "b/x/*.txt");
  EXPECT_EQ(sets[2].name, "n-2020.csv");
}

}  // namespace
}  // namespace heddle::data
