// heddle lab list|show|page: experiments on claims about Transformers.

#include "app/lab.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

#include "heddle/base/error.h"
#include "heddle/base/log.h"
#include "heddle/lab/run.h"
#include "heddle/lab/site.h"

namespace heddle::app {

using lab::Experiment;
using lab::Language;
using lab::RowResult;
using lab::Size;

Language language_of(const std::string& name) { return name == "zh" ? Language::zh : Language::en; }

std::optional<RowResult> stored_result(const lab::ResultStore& store, int row, Size size) {
  try {
    return store.find(row, size);
  } catch (const InputError& error) {
    log_warning("{}", error.what());
    return std::nullopt;
  }
}

namespace {

void print_verdict(const std::string& name, const lab::Judgement& judgement, Language language) {
  const std::string& condition = judgement.condition.in(language);
  const std::string& needs = judgement.needs.in(language);
  fmt::print("{}  {}{}{}\n", name, lab::sentence_of(judgement.verdict, language),
             condition.empty() ? "" : ": " + condition, needs.empty() ? "" : " (" + needs + ")");
}

}  // namespace

void print_result(const RowResult& result, Language language) {
  print_verdict(fmt::format("row {}{}", result.row, result.changed ? " (changed)" : ""), result.judgement, language);
  for (const lab::ClaimResult& claim : result.claims)
    print_verdict(fmt::format("  {} {}\n      ", claim.id, claim.text.in(language)), claim.judgement, language);
  for (const lab::Figure& figure : result.figures) {
    const lab::Interval interval = figure.interval();
    fmt::print("    {:<40} {} ({} … {})\n", figure.name, lab::number_text(interval.mean),
               lab::number_text(interval.low), lab::number_text(interval.high));
  }
}

namespace {

// The best result of a row that there is: a full one, of the experiment as it is today, measured here.
std::optional<RowResult> known_result(const lab::ResultStore& store, int row) {
  auto local = stored_result(store, row, Size::full);
  if (local && lab::is_current(*local)) return local;
  if (auto built_in = lab::built_in_result(row)) return built_in;
  if (local) return local;
  if (auto quick = stored_result(store, row, Size::quick)) return quick;
  return stored_result(store, row, Size::minimal);
}

int list_rows(bool json) {
  auto rows = nlohmann::ordered_json::array();
  for (const Experiment* one : lab::all_experiments()) {
    const auto result = known_result(lab::ResultStore(kLabFolder), one->row);
    const std::string state = result ? lab::name_of(result->judgement.verdict) : "not run";
    if (json)
      rows.push_back({{"row", one->row},
                      {"question", one->question.en},
                      {"question_zh", one->question.zh},
                      {"state", state},
                      {"quick_seconds", one->quick_seconds},
                      {"full_seconds", one->full_seconds}});
    else
      fmt::print("{:>3}  {:<14} {:>3.0f} s / {:>3.0f} s  {}\n", one->row, state, one->quick_seconds, one->full_seconds,
                 one->question.en);
  }
  if (json) fmt::print("{}\n", nlohmann::ordered_json({{"rows", rows}}).dump(2));
  return 0;
}

int show_row(int row, Language language) {
  const Experiment& one = lab::experiment(row);
  const bool zh = language == Language::zh;
  fmt::print("{}. {}\n{}: {}\n{}: {}\n", row, one.question.in(language), zh ? "预测" : "Predicted",
             one.prediction.in(language), zh ? "范围" : "Scope", one.scope.in(language));
  for (const lab::Literature& other : one.literature)
    fmt::print("{}: {} ({})\n", zh ? "文献（非本项目结果）" : "Literature, not ours", other.finding, other.reference);
  for (const lab::Claim& claim : lab::ledger_of(row).claims) {
    fmt::print("{}  {} ({} {})\n", claim.id, claim.text.in(language), zh ? "原文行" : "source, line", claim.line);
    if (!claim.rule) fmt::print("      {}: {}\n", zh ? "无法检验" : "not testable", claim.not_testable.in(language));
  }
  for (const lab::Setting& setting : one.settings)
    fmt::print("--set {}=…  {} quick, {} full: {}\n", setting.name, lab::number_text(setting.quick),
               lab::number_text(setting.full), setting.doc);
  for (const std::string& file : one.data_files)
    fmt::print("--data FOLDER  {} {}\n", zh ? "其中须有" : "which holds", file);
  if (const auto result = known_result(lab::ResultStore(kLabFolder), row)) {
    fmt::print("\n");
    print_result(*result, language);
  }
  return 0;
}

void add_page(Command command) {
  struct Flags {
    std::string out, results = kLabFolder;
  };
  auto flags = std::make_shared<Flags>();
  Command page = command.command("page", "Write all results as web pages that need no network.");
  page.option("--out", flags->out, "Folder for the pages").required();
  page.option("--results", flags->results, "Where `heddle lab run` kept its results").show_default().existing_folder();
  page.example("heddle lab page --out lab-site");
  page.run([flags] {
    std::vector<RowResult> results;
    for (const Experiment* one : lab::all_experiments())
      if (auto result = known_result(lab::ResultStore(flags->results), one->row)) results.push_back(std::move(*result));
    lab::write_site(flags->out, results);
    return 0;
  });
}

}  // namespace

void add_lab_command(Command app) {
  Command command = app.group("lab", "Experiments on claims about Transformers, with computed verdicts.");
  auto json = std::make_shared<bool>(false);
  Command list = command.command("list", "All rows: verdict, expected seconds quick and full, question.");
  list.flag("--json", *json, "One JSON object on stdout");
  list.example("heddle lab list --json");
  list.run([json] { return list_rows(*json); });
  auto row = std::make_shared<int>(0);
  auto language = std::make_shared<std::string>("en");
  Command show = command.command("show", "One row: claims, settings, and its result.");
  show.option("row", *row, "Its number").required();
  show.option("--lang", *language, "en or zh").one_of({"en", "zh"});
  show.example("heddle lab show 52 --lang zh");
  show.run([row, language] { return show_row(*row, language_of(*language)); });
  add_lab_run_command(command);
  add_page(command);
}

}  // namespace heddle::app
