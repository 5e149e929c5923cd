#include "heddle/data/readers/record_reader.h"

#include <gtest/gtest.h>

#include <fstream>

#include "heddle/base/error.h"
#include "heddle/base/memory.h"
#include "heddle/data/readers/data_files.h"
#include "heddle/data/readers/format.h"
#include "tests/places/places.h"
#include "tests/places/temporary_folder.h"

namespace heddle::data {
namespace {

using Row = std::vector<std::string>;

// All rows; several values of a column are joined by '|'.
std::vector<Row> rows_of(RecordReader& reader) {
  std::vector<Row> rows;
  for (Record record; reader.next(record);) {
    rows.emplace_back();
    EXPECT_EQ(record.columns(), reader.columns().size());
    for (size_t i = 0; i < record.columns(); ++i) {
      std::string joined;
      for (std::string_view value : record.all(i)) joined += (joined.empty() ? "" : "|") + std::string(value);
      rows.back().push_back(joined);
    }
  }
  return rows;
}

std::vector<Row> rows_of(const std::filesystem::path& file, const ReaderOptions& options = {}) {
  return rows_of(*open_records(file, options));
}

std::vector<int64_t> lines_of(const std::filesystem::path& file, const ReaderOptions& options = {}) {
  std::vector<int64_t> lines;
  const auto reader = open_records(file, options);
  for (Record record; reader->next(record);) lines.push_back(record.line);
  return lines;
}

std::string error_of(const std::filesystem::path& file, const ReaderOptions& options = {}) {
  try {
    rows_of(file, options);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

#define EXPECT_SAYS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST(TableReader, EmptyLinesAreNoRowsOfSeveralColumns) {
  TemporaryFolder folder;
  const auto two = folder.write("two.tsv", "a\tb\n1\t2\n\n3\t4\n\n"), one = folder.write("one.csv", "a\nx\n\ny\n");
  EXPECT_EQ(rows_of(two), (std::vector<Row>{{"1", "2"}, {"3", "4"}}));
  EXPECT_EQ(lines_of(two), (std::vector<int64_t>{2, 4}));
  EXPECT_EQ(rows_of(one, {.header = true}), (std::vector<Row>{{"x"}, {""}, {"y"}}));
}

TEST(TableReader, CsvWithQuotesSeparatorsAndLineEnds) {
  TemporaryFolder folder;
  const auto file =
      folder.write("a.csv",
                   "id,text\r\n1,plain\r\n2,\"a, b\"\r\n3,\"she said \"\"no\"\"\"\r\n4,\"two\r\nlines\"\r\n5,\"\"\r\n"
                   "\"6\",\"\"\"\"\n7,\n8,don\"t");
  EXPECT_EQ(open_records(file)->columns(), (Row{"id", "text"}));
  EXPECT_EQ(rows_of(file), (std::vector<Row>{{"1", "plain"},
                                             {"2", "a, b"},
                                             {"3", "she said \"no\""},
                                             {"4", "two\nlines"},
                                             {"5", ""},
                                             {"6", "\""},
                                             {"7", ""},
                                             {"8", "don\"t"}}));
  EXPECT_EQ(lines_of(file), (std::vector<int64_t>{2, 3, 4, 5, 7, 8, 9, 10}));
}

TEST(TableReader, BadTablesAreNamedByLine) {
  TemporaryFolder folder;
  EXPECT_SAYS(error_of(folder.write("a.csv", "a,b\n1,2\n3,\"x\n4,5\n")),
              "a.csv:3: a quote that is opened here is never");
  EXPECT_SAYS(error_of(folder.write("a.csv", "a,b\n1,\"x\"y\n")), "a.csv:2: there is text behind a closing quote");
  EXPECT_SAYS(error_of(folder.write("a.csv", "a,b\n1,2\n1,2,3\n")), "a.csv:3: 3 columns, but the first line has 2");
  EXPECT_SAYS(error_of(folder.write("a.tsv", "a\tb\n1\n")), "a.tsv:2: 1 columns");
  EXPECT_SAYS(error_of(folder.write("a.tsv", "a\ta\n"), {.header = true}), "a.tsv:1: two columns are named \"a\"");
  EXPECT_SAYS(error_of(folder.write("a.csv", ""), {.header = true}), "is empty");
  EXPECT_SAYS(
      error_of(folder.write("a.csv", "a,b\n1,\"" + std::string(300, '\n') + "\"\n"), {.limits = {.longest_line = 100}}),
      "a.csv:2: a quote that is opened here is not closed within 100 bytes");
}

TEST(TableReader, AHeaderIsGuessedFromNamesThatNeverRecur) {
  TemporaryFolder folder;
  EXPECT_TRUE(guess_header(folder.write("a.tsv", "label\ttext\nx\tsome words\n"), '\t'));
  EXPECT_TRUE(guess_header(folder.write("b.csv", "\"label\",\"text\"\nx,some words\n"), ','));
  EXPECT_FALSE(guess_header(folder.write("c.tsv", "uk\tally\tusa\nusa\tally\tuk\n"), '\t')) << "ally is a value";
  EXPECT_FALSE(guess_header(folder.write("d.tsv", "1\ta good film\n0\ta bad film\n"), '\t'));
  EXPECT_FALSE(guess_header(folder.write("e.tsv", "/m/02\t/people\t/m/03\n"), '\t'));
  EXPECT_FALSE(guess_header(folder.write("f.tsv", "\ttext\n1\ta\n"), '\t'));
}

TEST(TableReader, NamesForTablesWithoutAHeader) {
  TemporaryFolder folder;
  const auto file = folder.write("a.tsv", "1\tgood\n0\tbad\n");
  EXPECT_EQ(open_records(file)->columns(), (Row{"1", "2"}));
  const auto named = open_records(file, {.columns = {"label", "text"}});
  EXPECT_EQ(named->columns(), (Row{"label", "text"}));
  EXPECT_EQ(rows_of(*named), (std::vector<Row>{{"1", "good"}, {"0", "bad"}}));
  EXPECT_SAYS(error_of(file, {.columns = {"a", "b", "c"}}), "2 columns, but 3 names");
  EXPECT_EQ(rows_of(folder.write("t.tsv", "a\tr\tb\n"), {.format = Format::triples}),
            (std::vector<Row>{{"a", "r", "b"}}));
  EXPECT_SAYS(error_of(folder.write("t.tsv", "a\tr\n"), {.format = Format::triples}), "2 columns");
}

TEST(JsonReader, PathsIntoObjectsAndLists) {
  TemporaryFolder folder;
  const auto file =
      folder.write("a.jsonl",
                   "{\"id\": 7, \"meta\": {\"lang\": \"en\"}, \"turns\": [{\"text\": \"hi\", \"n\": 1.5}, {\"text\": "
                   "\"yo\\n\"}], \"a.b\": null}\n\n{\"id\": 8, \"turns\": [], \"ok\": true}\n");
  EXPECT_EQ(open_records(file)->columns(), (Row{"id", "meta.lang", "turns.*.text", "turns.*.n", "a\\.b"}));
  EXPECT_EQ(rows_of(file), (std::vector<Row>{{"7", "en", "hi|yo\n", "1.5", ""}, {"8", "", "", "", ""}}));
  EXPECT_EQ(lines_of(file), (std::vector<int64_t>{1, 3}));
  EXPECT_EQ(rows_of(file, {.columns = {"turns.1.text", "turns"}})[0][1],
            "[{\"text\": \"hi\", \"n\": 1.5}, {\"text\": \"yo\\n\"}]");
  EXPECT_SAYS(error_of(file, {.columns = {"txt"}}), "the first object has no txt; it has id, meta.lang");
  EXPECT_SAYS(error_of(file, {.columns = {"a..b"}}), "is no path");
}

TEST(JsonReader, BadLinesAreNamed) {
  TemporaryFolder folder;
  const std::string good = "{\"text\": \"a\"}\n";
  for (const char* bad : {"{\"text\": \"a\"", "{\"text\": }", "{'text': 1}", "{\"a\": 01}", "nul", "{} {}",
                          "{\"a\": \"\\x\"}", "{\"a\": 1e999}"})
    EXPECT_SAYS(error_of(folder.write("a.jsonl", good + bad + "\n")), "a.jsonl:2: this is no valid JSON");
  EXPECT_SAYS(error_of(folder.write("a.jsonl", good + "[1]\n")), "a.jsonl:2: expected a JSON object");
  std::string deep;
  for (int i = 0; i < 5000; ++i) deep += "{\"a\":";
  EXPECT_SAYS(error_of(folder.write("a.jsonl", good + deep)), "a.jsonl:2: this is no valid JSON");
  EXPECT_SAYS(error_of(folder.write("a.jsonl", "\n\n")), "is empty");
  EXPECT_SAYS(
      error_of(folder.write("a.jsonl", good + "{\"a\": \"" + std::string(200, 'x')), {.limits = {.longest_line = 100}}),
      "a.jsonl:2: the line is longer");
}

TEST(JsonReader, WholeFilesOfObjects) {
  TemporaryFolder folder;
  const auto list = folder.write("a.json", "[\n {\"t\": \"a]\"},\n\n {\"t\": \"b\"}\n]\n");
  EXPECT_EQ(rows_of(list), (std::vector<Row>{{"a]"}, {"b"}}));
  EXPECT_EQ(lines_of(list), (std::vector<int64_t>{2, 4}));
  EXPECT_EQ(rows_of(folder.write("b.json", "{\n \"words\": [\"a\", \"b\"]\n}")), (std::vector<Row>{{"a|b"}}));
  EXPECT_SAYS(error_of(folder.write("c.json", "[{\"t\": 1}, 2]")), "c.json: this is no valid JSON");
  EXPECT_SAYS(error_of(folder.write("c.json", "[{\"t\": 1}] x")), "c.json: this is no valid JSON");
  EXPECT_SAYS(error_of(folder.write("c.json", "[]")), "has no objects");
  EXPECT_SAYS(error_of(folder.write("c.json", "[{\"t\": 1},\n{\"t\": x}]")), "c.json:2: this is no valid JSON");
}

TEST(ConllReader, SentencesWithMetadataAndDocuments) {
  TemporaryFolder folder;
  const auto file =
      folder.write("a.conll",
                   "-DOCSTART- O\n\n# intent = Play\nplay\tO\r\nmusic\tB-x\n\n\n# intent = Stop\n#\tO\n# a = b\tO\n\n"
                   "stop\tO");
  EXPECT_EQ(open_records(file)->columns(), (Row{"token", "2", "intent"}));
  EXPECT_EQ(rows_of(file),
            (std::vector<Row>{{"play|music", "O|B-x", "Play"}, {"#|# a = b", "O|O", "Stop"}, {"stop", "O", ""}}));
  EXPECT_EQ(lines_of(file), (std::vector<int64_t>{4, 9, 12}));
  EXPECT_EQ(rows_of(folder.write("b.conll", "EU NNP B-ORG\n")), (std::vector<Row>{{"EU", "NNP", "B-ORG"}}));
  EXPECT_EQ(open_records(file, {.columns = {"word", "slot"}})->columns(), (Row{"word", "slot"}));
}

TEST(ConllReader, RaggedColumnsAreNamed) {
  TemporaryFolder folder;
  EXPECT_SAYS(error_of(folder.write("a.conll", "a\tO\nb\tO\tx\n")), "a.conll:2: 3 columns, but the first token has 2");
  EXPECT_SAYS(error_of(folder.write("a.conll", "a\tO\n\nb O\n")), "a.conll:3: 1 columns");
  EXPECT_SAYS(error_of(folder.write("a.conll", "\n\n")), "has no sentence");
  std::string endless;
  for (int i = 0; i < 100; ++i) endless += "a\tO\n";
  EXPECT_SAYS(error_of(folder.write("a.conll", endless), {.limits = {.longest_line = 50}}), "a.conll:1: the sentence");
}

TEST(LineRecords, LinesAndFastTextLabels) {
  TemporaryFolder folder;
  EXPECT_EQ(rows_of(folder.write("a.txt", "one\r\n\ntwo")), (std::vector<Row>{{"one"}, {""}, {"two"}}));
  const auto labelled = folder.write("b.txt", "__label__a __label__b some text\n__label__c\n");
  EXPECT_EQ(format_of(labelled), Format::labelled);
  EXPECT_EQ(rows_of(labelled), (std::vector<Row>{{"a|b", "some text"}, {"c", ""}}));
  EXPECT_SAYS(error_of(folder.write("b.txt", "__label__a x\ny\n")), "b.txt:2: the line does not begin with __label__");
  EXPECT_SAYS(error_of(folder.write("b.txt", "__label__ x\n")), "b.txt:1: a label has no name");
}

TEST(LineRecords, ParallelFilesAreNamedByTheirDifference) {
  TemporaryFolder folder;
  const std::vector<std::filesystem::path> files = {folder.write("train.en", "a\nb\n"),
                                                    folder.write("train.de", "c\nd\n")};
  const auto reader = open_parallel(files);
  EXPECT_EQ(reader->columns(), (Row{"en", "de"}));
  EXPECT_EQ(rows_of(*reader), (std::vector<Row>{{"a", "c"}, {"b", "d"}}));
  folder.write("train.de", "c\n");
  try {
    rows_of(*open_parallel(files));
    FAIL();
  } catch (const InputError& error) {
    EXPECT_SAYS(std::string(error.what()), "train.en has 2 lines");
    EXPECT_SAYS(std::string(error.what()), "train.de has 1 lines");
  }
}

TEST(RecordReader, BrokenUtf8IsRepairedAndCounted) {
  TemporaryFolder folder;
  for (const auto& [name, text] : {std::pair("a.txt",
                                             "good\nb\xFF"
                                             "d\n\xC3\n"),
                                   std::pair("a.jsonl",
                                             "{\"t\": \"good\"}\n{\"t\": \"b\xFF"
                                             "d\"}\n{\"t\": \"\xC3\"}\n")}) {
    const auto reader = open_records(folder.write(name, text));
    EXPECT_EQ(rows_of(*reader), (std::vector<Row>{{"good"}, {"b\uFFFDd"}, {"\uFFFD"}}));
    EXPECT_EQ(reader->broken_lines(), 2);
    EXPECT_EQ(reader->first_broken_line(), 2);
  }
}

struct Sample {
  const char *name, *text;
  std::vector<Row> rows;
};

const std::vector<Sample>& samples() {
  static const std::vector<Sample> samples = {
      {"a.txt", "one\ntwo\n\nthree\n", {{"one"}, {"two"}, {""}, {"three"}}},
      {"a.csv", "id,text\n1,\"a, b\"\n2,c\n3,d\n", {{"1", "a, b"}, {"2", "c"}, {"3", "d"}}},
      {"a.tsv", "id\ttext\n1\ta\n2\tb\n", {{"1", "a"}, {"2", "b"}}},
      {"a.jsonl", "{\"t\": \"a\"}\n\n{\"t\": \"b\"}\n", {{"a"}, {"b"}}},
      {"a.json", "[\n{\"t\": \"a\"},\n{\"t\": \"b\"}\n]\n", {{"a"}, {"b"}}},
      {"a.conll", "a\tX\nb\tY\n\nc\tZ\n", {{"a|b", "X|Y"}, {"c", "Z"}}},
      {"b.txt", "__label__x one\n__label__y two\n", {{"x", "one"}, {"y", "two"}}},
  };
  return samples;
}

// Files that went through editors of several systems: every other line ends in CR LF, and a mark stands first.
TEST(RecordReader, LineEndsMayBeMixedAndAMarkMayStandFirst) {
  TemporaryFolder folder;
  for (const Sample& sample : samples()) {
    SCOPED_TRACE(sample.name);
    EXPECT_EQ(rows_of(folder.write(sample.name, sample.text)), sample.rows);
    std::string mixed = "\xEF\xBB\xBF";
    int line = 0;
    for (const char* c = sample.text; *c != 0; ++c)
      mixed += *c != '\n' || line++ % 2 == 1 ? std::string(1, *c) : "\r\n";
    EXPECT_EQ(rows_of(folder.write(sample.name, mixed)), sample.rows);
  }
}

TEST(RecordReader, ZeroBytesAreNamedByLine) {
  TemporaryFolder folder;
  for (const Sample& sample : samples()) {
    std::string text = sample.text;
    text[text.find('\n') + 1] = '\0';
    const std::string sentence = error_of(folder.write(sample.name, text));
    EXPECT_SAYS(sentence, std::string(sample.name) + ":2: ");
    EXPECT_SAYS(sentence, "binary");
  }
}

// A longer limit holds for what is guessed, too.
TEST(RecordReader, LongLinesAreReadWhereTheyAreAllowed) {
  TemporaryFolder folder;
  const std::string words(size_t{17} << 20, 'x');
  EXPECT_SAYS(error_of(folder.write("a.tsv", "id\ttext\n1\t" + words + "\n")), "a.tsv:2: the line is longer");
  const auto rows = rows_of(folder.path() / "a.tsv", {.limits = {.longest_line = size_t{18} << 20}});
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0][1].size(), words.size());
}

// Text on one line without end: it is refused where the limit is, before memory is taken for the rest.
TEST(RecordReader, EndlessLinesAreNamed) {
  TemporaryFolder folder;
  const std::string endless(size_t{20} << 20, 'x');
  const int64_t before = peak_rss_bytes();
  for (const Sample& sample : samples()) {
    if (sample.name == std::string("a.json")) continue;  // read as a whole: its limit is 64 MiB
    std::string text = sample.text;
    text.insert(text.find('\n') + 1 + (text[text.find('\n') + 1] == '"'), endless);
    EXPECT_SAYS(error_of(folder.write(sample.name, text)), std::string(sample.name) + ":2: the line is longer than");
  }
  if (memory_is_ours()) {
    EXPECT_LT(peak_rss_bytes() - before, 4 * std::ssize(endless)) << "two copies of it are this test's";
  }
}

TEST(RecordReader, SeveralFilesAreOneAndMustAgree) {
  TemporaryFolder folder;
  const std::vector<std::filesystem::path> files = {folder.write("a.tsv", "x\ty\n1\t2\n"),
                                                    folder.write("b.tsv", "x\ty\n3\t4\n")};
  EXPECT_EQ(rows_of(*open_records(files)), (std::vector<Row>{{"1", "2"}, {"3", "4"}}));
  folder.write("b.tsv", "x\tz\n3\t4\n");
  EXPECT_THROW(rows_of(*open_records(files)), InputError);
}

TEST(RecordReader, AnUnknownColumnHasItsNearestNamed) {
  TemporaryFolder folder;
  const auto reader = open_records(folder.write("a.tsv", "label\ttext\n1\t2 3\n"));
  EXPECT_EQ(reader->column("text"), 1u);
  try {
    reader->column("lable");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_SAYS(std::string(error.what()), "did you mean label?");
  }
  EXPECT_THROW(format_named("jsonlines"), InputError);
  EXPECT_EQ(format_named("conll"), Format::conll);
}

TEST(DataFiles, SplitsByTheNamesInUse) {
  const std::vector<std::pair<const char*, Split>> cases = {{"train.tsv", Split::train},
                                                            {"small_train.tsv.gz", Split::train},
                                                            {"data/train-00001-of-00005.jsonl", Split::train},
                                                            {"d/validation/0.jsonl", Split::valid},
                                                            {"val.en", Split::valid},
                                                            {"DEV.conll", Split::valid},
                                                            {"test_a.csv", Split::test},
                                                            {"evaluation.txt", Split::test},
                                                            {"contest.txt", Split::none},
                                                            {"retrained.txt", Split::none},
                                                            {"data.jsonl", Split::none}};
  for (const auto& [file, split] : cases) EXPECT_EQ(split_of(file), split) << file;
}

TEST(DataFiles, GlobPatterns) {
  TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "sub" / "deep");
  for (const char* name : {"a1.txt", "a2.txt", "b.tsv", "sub/c.txt", "sub/deep/d.txt"}) folder.write(name, "x\n");
  const auto names = [&](const std::string& pattern) {
    Row found;
    for (const auto& file : glob_files((folder.path() / pattern).string()))
      found.push_back(std::filesystem::relative(file, folder.path()).string());
    return found;
  };
  EXPECT_EQ(names("a*.txt"), (Row{"a1.txt", "a2.txt"}));
  EXPECT_EQ(names("a[2-3].txt"), (Row{"a2.txt"}));
  EXPECT_EQ(names("{b.tsv,a1.txt}"), (Row{"a1.txt", "b.tsv"}));
  EXPECT_EQ(names("**/*.txt"), (Row{"a1.txt", "a2.txt", "sub/c.txt", "sub/deep/d.txt"}));
  EXPECT_EQ(names("none.txt"), (Row{"none.txt"})) << "a plain name is that file, and opening it says what is wrong";
  EXPECT_THROW(names("*.parquet"), InputError);
}

}  // namespace
}  // namespace heddle::data
