// Our answers to the rows: short, in two languages, and no number in them differs from what was measured.

#include "heddle/lab/answer.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "heddle/base/utf8.h"
#include "heddle/lab/embedded.h"
#include "heddle/lab/result_store.h"
#include "heddle/report/markdown.h"

namespace heddle::lab {
namespace {

constexpr int64_t kMostWords = 150, kMostCharacters = 260;

// What a reader sees: no comments, no marks of code and emphasis.
std::string seen_text(const std::string& markdown) {
  std::string text = report::without_comments(markdown);
  std::erase_if(text, [](char c) { return c == '`' || c == '*'; });
  return text;
}

int64_t word_count(const std::string& text) {
  std::istringstream stream(text);
  return std::distance(std::istream_iterator<std::string>(stream), {});
}

// Spaces and line breaks not counted.
int64_t character_count(const std::string& text) {
  int64_t count = 0;
  for (size_t at = 0; at < text.size();) {
    const CodePoint point = read_code_point(text, at);
    at += static_cast<size_t>(point.length);
    count += point.value > 0x20;
  }
  return count;
}

// The figures that one section quotes, against the stored result.
void check_figures(const std::string& section, const std::string& where, const RowResult& result,
                   std::vector<std::string>& problems) {
  const auto quoted = quoted_figures(section);
  if (quoted.empty()) problems.push_back(where + " quotes no figure");
  for (const QuotedFigure& quote : quoted) {
    const auto figure = std::ranges::find(result.figures, quote.figure, &Figure::name);
    if (figure == result.figures.end())
      problems.push_back(
          fmt::format("{} quotes the figure \"{}\", which the stored result does not have", where, quote.figure));
    else if (const std::string measured = number_text(figure->interval().mean); measured != quote.number)
      problems.push_back(
          fmt::format("{} says {} is \"{}\"; measured: {}", where, quote.figure, quote.number, measured));
  }
}

// What is wrong with the answer of a row; `result`: the stored one, or null.
std::vector<std::string> problems_of(std::string_view file, int row, const RowResult* result) {
  std::vector<std::string> problems;
  const auto require = [&](bool good, const std::string& problem) {
    if (!good) problems.push_back(problem);
  };
  require(file.starts_with(fmt::format("# {}. ", row)), fmt::format("the title is not \"# {}. …\"", row));
  const Bilingual answer = read_answer(file);
  const int64_t words = word_count(seen_text(answer.en)), characters = character_count(seen_text(answer.zh));
  require(words <= kMostWords, fmt::format("## English has {} words", words));
  require(characters <= kMostCharacters, fmt::format("## 中文 has {} characters", characters));
  for (const Language language : {Language::en, Language::zh}) {
    const std::string where = language == Language::en ? "## English" : "## 中文", &section = answer.in(language);
    require(!section.empty(), where + " is missing");
    require(section.find(fmt::format("heddle lab run {}", row)) != std::string::npos,
            where + " does not name the command");
    if (result) check_figures(section, where, *result, problems);
  }
  return problems;
}

class EveryAnswer : public testing::TestWithParam<int> {};

TEST_P(EveryAnswer, SaysWhatWasMeasured) {
  const auto file = embedded_file(fmt::format("docs/answers/{:03}.md", GetParam()));
  const auto stored = built_in_result(GetParam());
  if (!file && !stored) GTEST_SKIP() << "neither an answer nor a stored result yet";
  ASSERT_TRUE(file) << "there is a stored result, but no answer that says what follows from it";
  ASSERT_TRUE(stored) << "there is an answer, but no stored result that it could quote";
  const auto problems = problems_of(*file, GetParam(), &*stored);
  for (const std::string& problem : problems) ADD_FAILURE() << problem;
}

std::vector<int> rows() {
  std::vector<int> all;
  for (const Experiment* one : all_experiments()) all.push_back(one->row);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Lab, EveryAnswer, testing::ValuesIn(rows()),
                         [](const auto& row) { return fmt::format("{:03}", row.param); });

const std::string kGood =
    "# 7. Why?\n\n## English\nThe slope is 0.25<!-- slope -->: `heddle lab run 7 --full`.\n\n"
    "## 中文\n斜率为 0.25<!-- slope -->：`heddle lab run 7 --full`。\n";

std::string changed(const std::string& from, const std::string& to) {
  std::string text = kGood;
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

TEST(AnswerCheck, FindsWhatIsWrong) {
  RowResult result;
  result.figures = {{"slope", {0.2504, 0.2496}}};
  EXPECT_TRUE(problems_of(kGood, 7, &result).empty());
  EXPECT_TRUE(problems_of(changed("<!-- slope -->", ""), 7, nullptr).empty());
  EXPECT_EQ(problems_of(changed("0.25<", "0.26<"), 7, &result).size(), 2u);
  EXPECT_EQ(problems_of(changed("0.25<", "about <"), 7, &result).size(), 2u);
  EXPECT_EQ(problems_of(changed("<!-- slope -->", "<!-- scope -->"), 7, &result).size(), 2u);
  EXPECT_EQ(problems_of(changed("<!-- slope -->", ""), 7, &result).size(), 2u);
  EXPECT_EQ(problems_of(changed("heddle lab run", "heddle"), 7, &result).size(), 2u);
  EXPECT_EQ(problems_of(changed("# 7.", "# 8."), 7, &result).size(), 1u);
  EXPECT_FALSE(problems_of(changed("## 中文", "## 汉语"), 7, &result).empty());
  std::string words, characters;
  for (int i = 0; i < 151; ++i) words += "word ";
  for (int i = 0; i < 261; ++i) characters += "字";
  EXPECT_EQ(problems_of(changed("The slope", words), 7, &result).size(), 1u);
  EXPECT_EQ(problems_of(changed("斜率", characters), 7, &result).size(), 1u);
  // Neither comments nor marks are seen.
  EXPECT_TRUE(problems_of(changed("。", "。<!-- slope -->"), 7, nullptr).empty());
  EXPECT_EQ(character_count(seen_text("`ab` **字** <!-- long comment -->\n")), 3);
}

TEST(Answer, FiguresAreQuotedByComments) {
  const auto quoted = quoted_figures("from -1.5e-05<!-- a --> to 12<!--b--> <!-- c -->");
  ASSERT_EQ(quoted.size(), 3u);
  EXPECT_EQ(quoted[0].number, "-1.5e-05");
  EXPECT_EQ(quoted[0].figure, "a");
  EXPECT_EQ(quoted[1].number, "12");
  EXPECT_EQ(quoted[2].number, "");
}

}  // namespace
}  // namespace heddle::lab
