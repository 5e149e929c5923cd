#include "heddle/lab/site.h"

#include <fmt/format.h>

#include <algorithm>

#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "heddle/lab/answer.h"
#include "heddle/lab/page_parts.h"
#include "heddle/lab/row_page.h"
#include "heddle/report/page.h"

namespace heddle::lab {
namespace {

using report::Markup;

constexpr size_t kKeyFigures = 3;

std::optional<RowResult> result_of(const std::vector<RowResult>& results, int row) {
  const auto found = std::ranges::find(results, row, &RowResult::row);
  return found == results.end() ? std::nullopt : std::optional(*found);
}

// The figures that the first claims are judged by.
Markup key_figures(const RowResult& result) {
  std::vector<std::string> names;
  for (const Claim& claim : ledger_of(result.row).claims)
    if (claim.rule && names.size() < kKeyFigures &&
        std::ranges::find(names, claim.rule->holds[0].figure) == names.end())
      names.push_back(claim.rule->holds[0].figure);
  Markup text;
  for (const std::string& name : names) {
    const auto figure = std::ranges::find(result.figures, name, &Figure::name);
    if (figure == result.figures.end()) continue;
    text += Markup(text.html().empty() ? "" : "; ") + Markup::code(name) + " " +
            Markup::unbroken(with_interval(figure->values));
  }
  return text;
}

std::string counts(const std::vector<RowResult>& results, Language language) {
  std::string text;
  for (const Verdict verdict : {Verdict::holds, Verdict::holds_only_if, Verdict::does_not_hold, Verdict::undecided}) {
    const auto count =
        std::ranges::count_if(results, [&](const RowResult& result) { return result.judgement.verdict == verdict; });
    text += fmt::format("{}{}: {}",
                        text.empty()               ? ""
                        : language == Language::zh ? "；"
                                                   : "; ",
                        sentence_of(verdict, language), count);
  }
  return text;
}

// Which rows have no answer, and which no result.
std::string missing(const std::vector<RowResult>& results, Language language) {
  std::string unanswered, not_run;
  const auto add = [](std::string& list, int row) { list += fmt::format("{}{}", list.empty() ? "" : ", ", row); };
  for (const Experiment* one : all_experiments()) {
    if (!answer_of(one->row)) add(unanswered, one->row);
    if (!result_of(results, one->row)) add(not_run, one->row);
  }
  const bool zh = language == Language::zh;
  std::string text;
  if (!unanswered.empty())
    text += (zh ? "尚无回答的行：" : "Rows without an answer yet: ") + unanswered + (zh ? "。" : ". ");
  if (!not_run.empty())
    text += (zh ? "尚无结果的行：" : "Rows without a stored result: ") + not_run + (zh ? "。" : ".");
  return text;
}

}  // namespace

std::string index_page(const std::vector<RowResult>& results, Language language) {
  const bool zh = language == Language::zh;
  report::Page page(
      zh ? "关于 Transformer 的论断：实验检验" : "Claims about Transformers, examined by experiments",
      html_language(language),
      {Markup::link(own_name(other(language)), index_file(other(language)), html_language(other(language)))});
  page.paragraph(zh ? "每一行检验原文对一个问题的回答：论断以我们自己的话转述，由运行前声明的规则根据测得的数据判定，从"
                      "不手工填写。"
                    : "Each row examines a source's answer to one question. Its claims are restated in our own words "
                      "and judged from "
                      "measured figures, by rules that were declared before the run; no verdict is written by hand.");
  page.paragraph(counts(results, language));
  if (const std::string text = missing(results, language); !text.empty()) page.note(text);
  std::vector<std::vector<Markup>> rows;
  for (const Experiment* one : all_experiments()) {
    const auto result = result_of(results, one->row);
    const Markup question = Markup::link(one->question.in(language), row_file(one->row, language));
    if (result)
      rows.push_back({std::to_string(one->row), question, verdict_badge(result->judgement.verdict, language),
                      key_figures(*result), number_text(result->seconds), name_of(result->size)});
    else rows.push_back({std::to_string(one->row), question, verdict_badge(std::nullopt, language), {}, {}, {}});
  }
  page.table(zh ? std::vector<std::string>{"序号", "问题", "判定", "主要数据：均值（95 % 区间）", "秒数", "模式"}
                : std::vector<std::string>{"row", "question", "verdict", "key figures: mean (95 % interval)", "seconds",
                                           "mode"},
             rows, report::Wide::stack);
  page.note(zh ? "重新测量：" : "To measure them again:");
  page.preformatted("heddle lab run --all --full\nheddle lab page --out lab-site");
  return page.finish();
}

void write_site(const std::filesystem::path& folder, const std::vector<RowResult>& results) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    fail_system("cannot create the folder {}: {}; choose another with --out", folder.string(), error.message());
  for (const Language language : {Language::en, Language::zh}) {
    for (const Experiment* one : all_experiments())
      write_file_atomic(folder / row_file(one->row, language), row_page(*one, result_of(results, one->row), language));
    write_file_atomic(folder / index_file(language), index_page(results, language));
  }
}

}  // namespace heddle::lab
