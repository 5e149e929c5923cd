// heddle lab list|show|run|page: experiments on claims about Transformers.

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

#include "app/commands.h"
#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "heddle/base/interrupt.h"
#include "heddle/base/log.h"
#include "heddle/base/progress.h"
#include "heddle/lab/result_store.h"
#include "heddle/lab/run.h"
#include "heddle/lab/site.h"
#include "heddle/lab/trial.h"

namespace heddle::app {
namespace {

using lab::Experiment;
using lab::Language;
using lab::RowResult;
using lab::Size;

constexpr const char* kDefaultFolder = "heddle-lab";

Language language_of(const std::string& name) { return name == "zh" ? Language::zh : Language::en; }

// The full result of a row if there is one: a local one first.
std::optional<RowResult> known_result(const std::string& folder, int row) {
  if (auto local = lab::ResultStore(folder).find(row, Size::full)) return local;
  if (auto built_in = lab::built_in_result(row)) return built_in;
  return lab::ResultStore(folder).find(row, Size::quick);
}

int list_rows(bool json) {
  auto rows = nlohmann::ordered_json::array();
  for (const Experiment* one : lab::all_experiments()) {
    const auto result = known_result(kDefaultFolder, one->row);
    const std::string state = result ? lab::name_of(result->judgement.verdict) : "not run";
    if (json)
      rows.push_back({{"row", one->row}, {"question", one->question.en}, {"question_zh", one->question.zh}, {"state", state},
                      {"quick_seconds", one->quick_seconds}, {"full_seconds", one->full_seconds}});
    else
      fmt::print("{:>3}  {:<14} {:>3.0f} s / {:>3.0f} s  {}\n", one->row, state, one->quick_seconds, one->full_seconds, one->question.en);
  }
  if (json) fmt::print("{}\n", nlohmann::ordered_json({{"rows", rows}}).dump(2));
  return 0;
}

void print_verdict(const std::string& name, const lab::Judgement& judgement, Language language) {
  const std::string& condition = judgement.condition.in(language);
  const std::string& needs = judgement.needs.in(language);
  fmt::print("{}  {}{}{}\n", name, lab::sentence_of(judgement.verdict, language), condition.empty() ? "" : ": " + condition,
             needs.empty() ? "" : " (" + needs + ")");
}

void print_result(const RowResult& result, Language language) {
  print_verdict(fmt::format("row {}{}", result.row, result.changed ? " (changed)" : ""), result.judgement, language);
  for (const lab::ClaimResult& claim : result.claims) print_verdict(fmt::format("  {} {}\n      ", claim.id, claim.text.in(language)), claim.judgement, language);
  for (const lab::Figure& figure : result.figures) {
    const lab::Interval interval = figure.interval();
    fmt::print("    {:<40} {} ({} … {})\n", figure.name, lab::number_text(interval.mean), lab::number_text(interval.low), lab::number_text(interval.high));
  }
}

int show_row(int row, Language language) {
  const Experiment& one = lab::experiment(row);
  const bool zh = language == Language::zh;
  fmt::print("{}. {}\n{}: {}\n{}: {}\n", row, one.question.in(language), zh ? "预测" : "Predicted", one.prediction.in(language),
             zh ? "范围" : "Scope", one.scope.in(language));
  for (const lab::Literature& other : one.literature) fmt::print("{}: {} ({})\n", zh ? "文献（非本项目结果）" : "Literature, not ours", other.finding, other.reference);
  for (const lab::Claim& claim : lab::ledger_of(row).claims) {
    fmt::print("{}  {}\n", claim.id, claim.text.in(language));
    if (!claim.rule) fmt::print("      {}: {}\n", zh ? "无法检验" : "not testable", claim.not_testable.in(language));
  }
  for (const lab::Setting& setting : one.settings)
    fmt::print("--set {}=…  {} quick, {} full: {}\n", setting.name, lab::number_text(setting.quick), lab::number_text(setting.full), setting.doc);
  if (const auto result = known_result(kDefaultFolder, row)) {
    fmt::print("\n");
    print_result(*result, language);
  }
  return 0;
}

struct RunFlags {
  std::vector<int> rows;
  bool all = false, quick = false, full = false, null = false;
  int seeds = 0;
  int64_t first_seed = 1;
  std::vector<std::string> set;
  std::string json, out = kDefaultFolder, data, language = "en";
};

std::map<std::string, double> read_settings(const std::vector<std::string>& texts) {
  std::map<std::string, double> changed;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    const std::string value = equals == std::string::npos ? "" : text.substr(equals + 1);
    size_t used = 0;
    double number = 0;
    try {
      number = std::stod(value, &used);
    } catch (const std::exception&) {
      used = 0;
    }
    if (used == 0 || used != value.size()) fail_input("--set {} is not name=number, e.g. --set steps=200", text);
    changed[text.substr(0, equals)] = number;
  }
  return changed;
}

std::vector<const Experiment*> chosen_rows(const RunFlags& flags) {
  if (flags.all == !flags.rows.empty()) fail_input("name the rows to run, or pass --all; see heddle lab list");
  std::vector<const Experiment*> rows;
  for (const int row : flags.rows) rows.push_back(&lab::experiment(row));
  if (flags.all) rows.assign(lab::all_experiments().begin(), lab::all_experiments().end());
  return rows;
}

// The stored result, if it is of exactly this run.
std::optional<RowResult> cached(const lab::ResultStore& store, const Experiment& one, const lab::RunOptions& options) {
  if (!options.changed.empty() || options.null) return std::nullopt;
  auto found = store.find(one.row, options.size);
  if (found && found->key == lab::result_key(one, options)) return found;
  return std::nullopt;
}

RowResult run_or_read(const lab::ResultStore& store, const Experiment& one, lab::RunOptions options) {
  if (auto found = cached(store, one, options)) return *found;
  Progress progress(1.0);
  options.progress = [&](double share) { progress.update(share, fmt::format("row {}", one.row)); };
  RowResult result = lab::run_row(one, options);
  if (!result.changed && !options.null) store.save(result);
  return result;
}

void write_json(const std::string& file, const std::string& text) {
  if (file == "-") fmt::print("{}", text);
  else if (!file.empty()) write_file_atomic(file, text);
}

int run_rows(const RunFlags& flags) {
  if (flags.quick && flags.full) fail_input("--quick and --full exclude each other");
  const lab::ResultStore store(flags.out);
  lab::RunOptions options = {.size = flags.full ? Size::full : Size::quick,
                             .null = flags.null,
                             .seeds = flags.seeds,
                             .first_seed = static_cast<uint64_t>(flags.first_seed),
                             .changed = read_settings(flags.set),
                             .data = flags.data,
                             .progress = {}};
  std::vector<RowResult> results;
  try {
    for (const Experiment* one : chosen_rows(flags)) {
      results.push_back(run_or_read(store, *one, options));
      if (flags.json != "-") print_result(results.back(), language_of(flags.language));
    }
  } catch (const lab::Stopped&) {
    log_warning("stopped; {} finished rows are kept in {}", results.size(), flags.out);
  }
  write_json(flags.json, lab::results_summary(results, language_of(flags.language)));
  return interrupt_signal() == 0 ? 0 : 128 + interrupt_signal();
}

void add_run(CLI::App& command, Chosen& chosen) {
  auto flags = std::make_shared<RunFlags>();
  CLI::App* run = command.add_subcommand("run", "Run experiments; finished rows are kept and not run again.");
  run->add_option("rows", flags->rows, "Numbers of rows");
  run->add_flag("--all", flags->all, "All rows");
  run->add_flag("--quick", flags->quick, "At most a minute a row (default)");
  run->add_flag("--full", flags->full, "At most four minutes a row");
  run->add_flag("--null", flags->null, "The null experiments: the same on something broken; never stored");
  run->add_option("--seeds", flags->seeds, "Repetitions of each experiment")->check(CLI::Range(1, 1000));
  run->add_option("--first-seed", flags->first_seed, "Seed of the first repetition")->check(CLI::Range(int64_t{1}, int64_t{1} << 40));
  run->add_option("--set", flags->set, "Change a setting, name=number; the result is marked as changed and not stored")->allow_extra_args(false);
  run->add_option("--data", flags->data, "Folder of real data, for rows that can use it")->check(CLI::ExistingDirectory);
  run->add_option("--json", flags->json, "Write one JSON object to this file, or to stdout")->expected(0, 1)->default_str("-");
  run->add_option("--out", flags->out, "Where results are kept")->capture_default_str();
  run->add_option("--lang", flags->language, "en or zh")->check(CLI::IsMember({"en", "zh"}));
  run->footer("Example:\n  heddle lab run 52 53 --quick --json results.json");
  run->callback([flags, &chosen] { chosen = [flags] { return run_rows(*flags); }; });
}

void add_page(CLI::App& command, Chosen& chosen) {
  struct Flags {
    std::string out, results = kDefaultFolder;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* page = command.add_subcommand("page", "Write all results as web pages that need no network.");
  page->add_option("--out", flags->out, "Folder for the pages")->required();
  page->add_option("--results", flags->results, "Where `heddle lab run` kept its results")->capture_default_str();
  page->footer("Example:\n  heddle lab page --out lab-site");
  page->callback([flags, &chosen] {
    chosen = [flags] {
      std::vector<RowResult> results;
      for (const Experiment* one : lab::all_experiments())
        if (auto result = known_result(flags->results, one->row)) results.push_back(std::move(*result));
      lab::write_site(flags->out, results);
      return 0;
    };
  });
}

}  // namespace

void add_lab_command(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("lab", "Experiments on claims about Transformers, with computed verdicts.");
  command->require_subcommand(1);
  auto json = std::make_shared<bool>(false);
  CLI::App* list = command->add_subcommand("list", "All rows: verdict, expected seconds quick and full, question.");
  list->add_flag("--json", *json, "One JSON object on stdout");
  list->footer("Example:\n  heddle lab list --json");
  list->callback([json, &chosen] { chosen = [json] { return list_rows(*json); }; });
  auto row = std::make_shared<int>(0);
  auto language = std::make_shared<std::string>("en");
  CLI::App* show = command->add_subcommand("show", "One row: claims, settings, and its result.");
  show->add_option("row", *row, "Its number")->required();
  show->add_option("--lang", *language, "en or zh")->check(CLI::IsMember({"en", "zh"}));
  show->footer("Example:\n  heddle lab show 52 --lang zh");
  show->callback([row, language, &chosen] { chosen = [row, language] { return show_row(*row, language_of(*language)); }; });
  add_run(*command, chosen);
  add_page(*command, chosen);
}

}  // namespace heddle::app
