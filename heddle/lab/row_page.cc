#include "heddle/lab/row_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "heddle/lab/answer.h"
#include "heddle/lab/page_parts.h"
#include "heddle/lab/run.h"
#include "heddle/report/heatmap.h"
#include "heddle/report/line_chart.h"
#include "heddle/report/markdown.h"
#include "heddle/report/page.h"

namespace heddle::lab {
namespace {

using report::Group;
using report::Markup;
using report::Page;

class RowPage {
 public:
  RowPage(const Experiment& experiment, const std::optional<RowResult>& result, Language language)
      : one_(experiment),
        result_(result ? &*result : nullptr),
        language_(language),
        page_(fmt::format("{}. {}", one_.row, one_.question.in(language)), html_language(language),
              {Markup::link(word("All questions", "全部问题"), index_file(language)),
               Markup::link(own_name(other(language)), row_file(one_.row, other(language)),
                            html_language(other(language)))}) {}

  std::string write() {
    add_verdict();
    add_answer();
    page_.heading(word("Expected before the first run", "首次运行前的预测"));
    page_.paragraph(one_.prediction.in(language_));
    add_claims();
    if (result_) add_figures();
    if (result_) add_pictures();
    add_scope();
    add_run();
    return page_.finish();
  }

 private:
  std::string word(const char* en, const char* zh) const { return language_ == Language::zh ? zh : en; }

  // The word in colour, then under which condition or what is missing.
  Markup judgement_text(const Judgement& judgement) const {
    Markup text = verdict_badge(judgement.verdict, language_);
    for (const Bilingual* more : {&judgement.condition, &judgement.needs})
      if (!more->in(language_).empty()) text += Markup(" ") + Markup(more->in(language_));
    return text;
  }

  void add_verdict() {
    if (!result_) {
      page_.paragraph(verdict_badge(std::nullopt, language_) + " " +
                      word("There is no stored result of this row yet.", "此行尚无已存结果。"));
      return;
    }
    page_.paragraph(verdict_badge(result_->judgement.verdict, language_));
    std::vector<Markup> items;
    for (const Verdict verdict : {Verdict::holds, Verdict::holds_only_if, Verdict::does_not_hold, Verdict::undecided}) {
      std::string ids;
      for (const ClaimResult& claim : result_->claims)
        if (claim.judgement.verdict == verdict) ids += (ids.empty() ? "" : ", ") + claim.id;
      if (!ids.empty()) items.push_back(sentence_of(verdict, language_) + word(": ", "：") + ids);
    }
    page_.list(items);
    page_.note(word("Computed from the figures below by rules that were declared before the run.",
                    "由下列数据按运行前声明的规则计算得出。"));
  }

  void add_answer() {
    const auto answer = answer_of(one_.row);
    if (!answer || answer->in(language_).empty()) return;
    page_.heading(word("Answer", "回答"), 2, "answer");
    report::add_markdown(page_, answer->in(language_));
  }

  Markup rule_text(const std::vector<Predicate>& predicates) const {
    Markup text;
    for (const Predicate& predicate : predicates) {
      const std::string bounds = bounds_text(predicate);
      text += text.html().empty() ? "" : word("; ", "；");
      text += Markup::code(predicate.figure) + (bounds.starts_with("[") ? " ∈ " : " ") + bounds;
      if (predicate.seeds > 0)
        text +=
            fmt::format(fmt::runtime(word(" in {:.0f} % of the seeds", "（{:.0f} % 的种子）")), 100 * predicate.seeds);
    }
    return text;
  }

  void add_claim(const Claim& claim) {
    page_.paragraph(Markup::strong(claim.id) + " " + claim.text.in(language_));
    const auto judged = [&](const ClaimResult& judgement) { return judgement.id == claim.id; };
    if (!claim.rule) {
      page_.paragraph(Markup::badge(word("not testable", "无法检验"), report::Tone::open) + " " +
                      claim.not_testable.in(language_));
    } else if (result_) {
      const auto found = std::ranges::find_if(result_->claims, judged);
      if (found != result_->claims.end()) page_.paragraph(judgement_text(found->judgement));
    }
    Markup note = fmt::format(fmt::runtime(word("Source, line {}.", "原文第 {} 行。")), claim.line);
    if (claim.rule) note += Markup(word(" Holds if ", " 成立条件：")) + rule_text(claim.rule->holds) + word(".", "。");
    if (claim.rule && !claim.rule->holds_only_if.empty())
      note +=
          Markup(word(" Holds in part if ", " 有条件成立：")) + rule_text(claim.rule->holds_only_if) + word(".", "。");
    page_.note(note);
  }

  void add_claims() {
    page_.heading(word("Claims of the source", "原文的论断"), 2, "claims");
    page_.note(word("Restated in our own words.", "以我们自己的话转述。"));
    for (const Claim& claim : ledger_of(one_.row).claims) page_.group(Group::card, [&] { add_claim(claim); });
  }

  void add_figures() {
    page_.heading(word("Figures", "数据"), 2, "figures");
    std::vector<std::vector<Markup>> rows;
    for (const Figure& figure : result_->figures) {
      std::string each;
      for (const double value : figure.values) each += (each.empty() ? "" : ", ") + number_text(value);
      rows.push_back({Markup::code(figure.name), Markup::strong(number_text(figure.interval().mean)),
                      interval_text(figure.values), each});
    }
    page_.table(
        {word("figure", "名称"), word("mean", "均值"), word("95 % interval", "95 % 区间"), word("each seed", "各种子")},
        rows, report::Wide::stack);
  }

  void add_table(const Table& table) {
    std::vector<std::string> header = {""};
    header.insert(header.end(), table.columns.begin(), table.columns.end());
    std::vector<std::vector<Markup>> rows;
    for (const std::string& row : table.rows) {
      rows.push_back({Markup::strong(row)});
      for (const std::string& column : table.columns) {
        const auto cell = table.cells.find({row, column});
        rows.back().push_back(cell == table.cells.end() ? Markup() : Markup(with_interval(cell->second)));
      }
    }
    page_.heading(table.title.in(language_), 3);
    page_.table(header, rows);
  }

  void add_chart(const Chart& chart) {
    std::vector<report::Series> series;
    for (const std::string& name : chart.series) {
      report::Series curve{name, {}, {}};
      for (const auto& [x, values] : chart.points.at(name)) {
        const Interval interval = interval_of(values);
        curve.x.push_back(x);
        curve.y.push_back(interval.mean);
        curve.low.push_back(interval.low);
        curve.high.push_back(interval.high);
      }
      series.push_back(std::move(curve));
    }
    const std::string title = chart.title.in(language_);
    const report::ChartStyle style = {chart.log_x, chart.log_y, 380, 300, false};
    page_.figure(report::line_chart(title, chart.x_label, chart.y_label, series, style), title, report::Fit::scale);
  }

  void add_pictures() {
    const Pictures& pictures = result_->pictures;
    if (!pictures.charts.empty()) {
      page_.heading(word("Charts", "图表"), 2, "charts");
      page_.note(
          word("Points are means over the seeds, bands their 95 % intervals.", "点为各种子的均值，色带为 95 % 区间。"));
      page_.group(Group::columns, [&] {
        for (const Chart& chart : pictures.charts) add_chart(chart);
      });
    }
    if (!pictures.tables.empty()) page_.heading(word("Tables", "表格"), 2, "tables");
    for (const Table& table : pictures.tables) add_table(table);
    if (!pictures.heatmaps.empty()) {
      page_.heading(word("Heatmaps", "热图"), 2, "heatmaps");
      page_.note(word("Of the first seed; from white, 0, to dark blue, 1.", "仅第一个种子；白色为 0，深蓝为 1。"));
    }
    page_.group(Group::columns, [&] {
      for (const Heatmap& map : pictures.heatmaps) {
        const std::string title = map.title.in(language_);
        page_.figure(report::heatmap(title, map.rows, map.columns, map.values, false), title);
      }
    });
    if (!pictures.samples.empty()) page_.heading(word("Samples of the first seed", "样例（第一个种子）"), 2, "samples");
    for (const Sample& sample : pictures.samples) {
      page_.heading(sample.title.in(language_), 3);
      page_.preformatted(sample.text);
    }
  }

  void add_scope() {
    page_.heading(word("What the figures speak of", "适用范围"), 2, "scope");
    page_.paragraph(one_.scope.in(language_));
    if (one_.literature.empty()) return;
    page_.heading(word("Found by others, not by us", "文献结果（非本项目测得）"), 2, "literature");
    std::vector<Markup> items;
    for (const Literature& found : one_.literature)
      items.push_back(Markup(found.finding) + " (" + found.reference + ")");
    page_.list(items);
  }

  void add_run() {
    page_.heading(word("The run", "运行"), 2, "run");
    const Size size = result_ ? result_->size : Size::full;
    page_.preformatted(fmt::format("heddle lab run {} --{}", one_.row, name_of(size)));
    std::vector<Markup> facts;
    if (result_) {
      std::string seeds;
      for (const uint64_t seed : result_->seeds) seeds += fmt::format("{}{}", seeds.empty() ? "" : ", ", seed);
      facts.push_back(word("Mode: ", "模式：") + name_of(size));
      facts.push_back(word("Seeds: ", "种子：") + seeds);
      facts.push_back(word("Seconds: ", "秒数：") + number_text(result_->seconds));
      if (!is_current(*result_))
        facts.push_back(
            word("The experiment's file has been changed since this run.", "此次运行之后实验文件已有改动。"));
    }
    facts.push_back(Markup(word("Experiment: ", "实验文件：")) +
                    Markup::code("heddle/lab/" + std::filesystem::path(one_.file).filename().string()));
    page_.list(facts);
    std::vector<std::vector<Markup>> rows;
    for (const Setting& setting : one_.settings) {
      const double value = size == Size::minimal ? setting.minimal : size == Size::quick ? setting.quick : setting.full;
      rows.push_back({Markup::code(setting.name), number_text(value), setting.doc});
    }
    if (!rows.empty())
      page_.table({word("setting", "设置"), word("value", "取值"), word("meaning", "含义")}, rows, report::Wide::stack);
  }

  const Experiment& one_;
  const RowResult* result_;
  Language language_;
  Page page_;
};

}  // namespace

std::string row_page(const Experiment& experiment, const std::optional<RowResult>& result, Language language) {
  return RowPage(experiment, result, language).write();
}

}  // namespace heddle::lab
