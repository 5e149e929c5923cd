// The lab's pages: complete, offline, in two languages, and safe whatever they show.

#include "heddle/lab/site.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "heddle/base/error.h"
#include "heddle/lab/answer.h"
#include "heddle/lab/page_parts.h"
#include "heddle/lab/row_page.h"
#include "heddle/lab/run.h"
#include "tests/report/wellformed_xml.h"

namespace heddle::lab {
namespace {

const std::string kHostile = "<script>alert(1)</script> \"q\" 'q' & \xFF </td></table> <!-- ]]> {x}";

// A result with every figure that the row's rules name, and one of each picture.
RowResult made_up_result(int row, const std::string& text) {
  RowResult result;
  result.row = row;
  result.size = Size::full;
  result.seeds = {1, 2, 3};
  result.seconds = 12.3;
  std::set<std::string> names;
  for (const Claim& claim : ledger_of(row).claims)
    if (claim.rule)
      for (const auto* list : {&claim.rule->holds, &claim.rule->holds_only_if})
        for (const Predicate& predicate : *list) names.insert(predicate.figure);
  for (const std::string& name : names) result.figures.push_back({name, {0.125, 0.25, 0.375}});
  result.figures.push_back({text, {0.5, std::nan(""), 7.0}});
  const Bilingual title = {text, text};
  Pictures& pictures = result.pictures;
  pictures.tables.push_back({title, {text, "b"}, {text, "d"}, {{{text, text}, {1, 2, 3}}, {{"b", "d"}, {4.5}}}});
  pictures.charts.push_back({title, text, text, true, true, {text}, {{text, {{1, {1, 2, 3}}, {10, {4, 5, 6}}}}}});
  pictures.heatmaps.push_back({title, {text, "r"}, {text, "c"}, {{0, 1}, {0.5}}});
  pictures.samples.push_back({title, text});
  judge_row(result);
  return result;
}

size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// What is wrong with a page as a document; empty: nothing.
std::string document_problem(std::string page) {
  const std::string doctype = "<!doctype html>\n";
  if (!page.starts_with(doctype)) return "no doctype";
  page.erase(0, doctype.size());
  for (size_t at; (at = page.find("<meta ")) != std::string::npos;) page.erase(at, page.find('>', at) + 1 - at);
  return report::XmlChecker::problem(page);
}

// What a page would fetch: a reference to anything but files of the site and places in itself; empty: nothing.
std::string foreign_reference(const std::string& page, const std::set<std::string>& files) {
  static const std::regex attribute(
      "[\\s\"'](src|srcset|data|action|poster|xlink:href|background)\\s*=\\s*[\"'][^\"']*|url\\s*\\(|@import|<(script|"
      "iframe|object|embed|base|img|link)\\b",
      std::regex::icase);
  static const std::regex link("\\bhref=\"([^\"]*)\"");
  std::smatch found;
  if (std::regex_search(page, found, attribute)) return found.str();
  for (std::sregex_iterator at(page.begin(), page.end(), link), end; at != end; ++at) {
    const std::string target = (*at)[1];
    const bool inside = target.starts_with("#") && page.find("id=\"" + target.substr(1) + "\"") != std::string::npos;
    if (!inside && !files.contains(target)) return target;
  }
  return {};
}

class Site : public testing::Test {
 protected:
  ~Site() override { std::filesystem::remove_all(folder_); }
  std::map<std::string, std::string> written(const std::vector<RowResult>& results) {
    write_site(folder_, results);
    std::map<std::string, std::string> pages;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      std::ostringstream text;
      text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      pages[entry.path().filename().string()] = text.str();
    }
    return pages;
  }
  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / fmt::format("heddle_site_{}", getpid());
  const int row_ = all_experiments()[0]->row;
};

TEST_F(Site, EveryRowHasItsPageInBothLanguages) {
  const auto pages = written({made_up_result(row_, "x")});
  EXPECT_EQ(pages.size(), 2 + 2 * all_experiments().size());
  for (const Language language : {Language::en, Language::zh}) {
    ASSERT_TRUE(pages.contains(index_file(language)));
    const std::string& index = pages.at(index_file(language));
    EXPECT_NE(index.find("lang=\"" + html_language(language) + "\""), std::string::npos);
    for (const Experiment* one : all_experiments()) {
      ASSERT_TRUE(pages.contains(row_file(one->row, language)));
      const std::string& page = pages.at(row_file(one->row, language));
      EXPECT_NE(page.find(report::Markup(one->question.in(language)).html()), std::string::npos);
      EXPECT_NE(page.find("href=\"" + row_file(one->row, other(language)) + "\""), std::string::npos);
      EXPECT_NE(page.find("href=\"" + index_file(language) + "\""), std::string::npos);
      EXPECT_NE(index.find("href=\"" + row_file(one->row, language) + "\""), std::string::npos);
    }
  }
  const std::string none = verdict_badge(std::nullopt, Language::en).html();
  EXPECT_EQ(count_of(pages.at("index.html"), none), all_experiments().size() - 1);
}

TEST_F(Site, RowsWithoutAResultAreMarked) {
  const auto pages = written({});
  EXPECT_EQ(count_of(pages.at("index.html"), ">not run<"), all_experiments().size());
  EXPECT_EQ(count_of(pages.at("index.html"), "Rows without a stored result: "), 1u);
  EXPECT_EQ(count_of(pages.at("index.zh.html"), "尚无结果的行："), 1u);
  for (const Experiment* one : all_experiments()) {
    EXPECT_EQ(count_of(pages.at(row_file(one->row, Language::en)), ">not run<"), 1u);
    EXPECT_EQ(count_of(pages.at(row_file(one->row, Language::zh)), ">未运行<"), 1u);
  }
}

TEST_F(Site, RowsWithoutAnAnswerAreNamed) {
  std::vector<RowResult> results;
  std::string unanswered;
  for (const Experiment* one : all_experiments()) {
    results.push_back(made_up_result(one->row, "x"));
    if (!answer_of(one->row)) unanswered += (unanswered.empty() ? "" : ", ") + std::to_string(one->row);
  }
  const std::string index = index_page(results, Language::en);
  EXPECT_EQ(count_of(index, "Rows without a stored result"), 0u);
  EXPECT_EQ(count_of(index, "Rows without an answer yet: " + unanswered + "."), unanswered.empty() ? 0u : 1u);
}

TEST_F(Site, NothingIsFetched) {
  std::vector<RowResult> results;
  for (const Experiment* one : all_experiments()) results.push_back(made_up_result(one->row, kHostile));
  const auto pages = written(results);
  std::set<std::string> files;
  for (const auto& [name, page] : pages) files.insert(name);
  for (const auto& [name, page] : pages) EXPECT_EQ(foreign_reference(page, files), "") << name;
}

TEST(SiteChecks, CanFail) {
  EXPECT_EQ(foreign_reference("<a href=\"x.html\"><h2 id=\"y\"></h2><a href=\"#y\">", {"x.html"}), "");
  for (const char* bad :
       {"<a href=\"y.html\">", "<a href=\"#z\">", "<a href=\"https://example.org\">", "<img src=\"x\">", "<p src='x'>",
        "<style>a{background:url(x)}", "<script>", "<link rel=x>", "<style>@import x"})
    EXPECT_NE(foreign_reference(bad, {"x.html"}), "") << bad;
  EXPECT_NE(document_problem("<!doctype html>\n<html><p></html>"), "");
}

TEST_F(Site, HostileTextStaysText) {
  Experiment one = *all_experiments()[0];
  one.question = one.prediction = one.scope = {kHostile, kHostile};
  one.literature = {{kHostile, kHostile}};
  one.settings = {{kHostile, 1, 2, 3, kHostile}};
  for (const Language language : {Language::en, Language::zh}) {
    const std::string page = row_page(one, made_up_result(row_, kHostile), language);
    EXPECT_EQ(document_problem(page), "");
    EXPECT_EQ(page.find("<script"), std::string::npos);
    EXPECT_EQ(page.find('\xFF'), std::string::npos);
    EXPECT_GE(count_of(page, "&lt;script&gt;alert(1)&lt;/script&gt;"), 15u);
  }
  for (const auto& [name, page] : written({made_up_result(row_, kHostile)}))
    EXPECT_EQ(document_problem(page), "") << name;
}

TEST_F(Site, ARowsPageShowsAllThereIs) {
  const Experiment& one = *all_experiments()[0];
  const RowResult result = made_up_result(row_, "of a seed");
  const std::string page = row_page(one, result, Language::en);
  const auto expect = [&](const std::string& text) {
    EXPECT_NE(page.find(report::Markup(text).html()), std::string::npos) << text;
  };
  expect(one.prediction.en);
  expect(one.scope.en);
  expect(one.literature[0].finding);
  expect(one.literature[0].reference);
  expect(sentence_of(result.judgement.verdict, Language::en));
  for (const Claim& claim : ledger_of(row_).claims) {
    expect(claim.text.en);
    expect(fmt::format("Source, line {}.", claim.line));
    if (!claim.rule) expect(claim.not_testable.en);
  }
  for (const Figure& figure : result.figures) expect(figure.name);
  for (const Setting& setting : one.settings) expect(setting.doc);
  expect("0.125, 0.25, 0.375");           // each seed
  expect("2 (-0.484\u00A0…\u00A04.48)");  // a cell of the table: 2 ± 4.303/√3
  expect("heddle lab run " + std::to_string(row_) + " --full");
  expect("Seeds: 1, 2, 3");
  expect("Seconds: 12.3");
  EXPECT_EQ(count_of(page, "<polygon"), 1u) << "the chart's band";
  EXPECT_GE(count_of(page, "<svg"), 2u);
}

TEST_F(Site, AFolderThatCannotBeWrittenIsASentence) {
  try {
    write_site("/proc/heddle", {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("--out"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace heddle::lab
