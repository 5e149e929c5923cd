// heddle lab run: measures rows, one after another. What is finished is kept, whatever happens to the rest.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "app/lab.h"
#include "heddle/base/clock.h"
#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "heddle/base/interrupt.h"
#include "heddle/base/log.h"
#include "heddle/base/progress.h"
#include "heddle/lab/run.h"
#include "heddle/lab/trial.h"

namespace heddle::app {
namespace {

using lab::Experiment;
using lab::RowResult;
using lab::Size;

struct RunFlags {
  std::vector<int> rows;
  bool all = false, minimal = false, quick = false, full = false, null = false;
  int seeds = 0;
  int64_t first_seed = 1;
  std::vector<std::string> set;
  std::string json, out = kLabFolder, data, language = "en";
};

std::map<std::string, double> read_settings(const std::vector<std::string>& texts) {
  constexpr double kLargest = 1e12;
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
    if (used == 0 || used != value.size() || !(std::abs(number) <= kLargest))
      fail_input("--set {} is not name=number, e.g. --set steps=200", text);
    changed[text.substr(0, equals)] = number;
  }
  return changed;
}

std::vector<const Experiment*> chosen_rows(const RunFlags& flags) {
  if (flags.all && !flags.rows.empty()) fail_input("name rows or pass --all, not both");
  if (!flags.all && flags.rows.empty()) fail_input("name the rows to run, or pass --all; see heddle lab list");
  std::vector<const Experiment*> rows;
  if (flags.all) rows.assign(lab::all_experiments().begin(), lab::all_experiments().end());
  for (const int row : flags.rows)
    if (const Experiment* one = &lab::experiment(row); std::ranges::find(rows, one) == rows.end()) rows.push_back(one);
  return rows;
}

lab::RunOptions read_options(const RunFlags& flags) {
  if (flags.minimal + flags.quick + flags.full > 1) fail_input("--minimal, --quick and --full exclude each other");
  return {.size = flags.full      ? Size::full
                  : flags.minimal ? Size::minimal
                                  : Size::quick,
          .null = flags.null,
          .seeds = flags.seeds,
          .first_seed = static_cast<uint64_t>(flags.first_seed),
          .changed = read_settings(flags.set),
          .data = flags.data,
          .progress = {}};
}

// A result of more seeds is not replaced by one of fewer.
void keep(const lab::ResultStore& store, const RowResult& result) {
  const auto stored = stored_result(store, result.row, result.size);
  if (stored && lab::is_current(*stored) && stored->seeds.size() > result.seeds.size())
    log_info("row {}: the stored result has {} seeds, so this one of {} is not stored", result.row,
             stored->seeds.size(), result.seeds.size());
  else store.save(result);
}

RowResult run_or_read(const lab::ResultStore& store, const Experiment& one, lab::RunOptions options) {
  const bool changed = options.null || !options.changed.empty();
  if (!changed)
    if (auto found = stored_result(store, one.row, options.size); found && found->key == lab::result_key(one, options))
      return *found;
  constexpr double kPatience = 10;  // seconds until a line is worth its place in a log
  const bool terminal = isatty(STDERR_FILENO) == 1;
  const double began = steady_seconds();
  Progress progress(1.0);
  options.progress = [&](double share) {
    if (terminal || steady_seconds() - began >= kPatience)
      progress.update(std::min(share, 0.999), fmt::format("row {}", one.row));
  };
  RowResult result = lab::run_row(one, options);
  if (!changed) keep(store, result);
  return result;
}

void write_json(const std::string& file, const std::vector<RowResult>& results, const RunFlags& flags) {
  if (!file.empty() && file != "-") write_file_atomic(file, lab::results_summary(results, language_of(flags.language)));
}

int run_rows(const RunFlags& flags) {
  const lab::RunOptions options = read_options(flags);
  const auto rows = chosen_rows(flags);
  for (const Experiment* one : rows) lab::check_options(*one, options);
  const lab::ResultStore store(flags.out);
  if (!options.null && options.changed.empty()) store.prepare();
  std::vector<RowResult> results;
  write_json(flags.json, results, flags);
  receive_interrupts();
  int failed = 0, code = 0;
  for (const Experiment* one : rows) {
    try {
      results.push_back(run_or_read(store, *one, options));
    } catch (const lab::Stopped&) {
      log_warning("stopped; {} finished rows are kept", results.size());
      break;
    } catch (const std::exception& error) {
      fmt::print(stderr, "heddle: row {}: {}\n", one->row, error.what());
      code = std::max(code, dynamic_cast<const InputError*>(&error) ? 2 : 1);
      ++failed;
      continue;
    }
    write_json(flags.json, results, flags);
    if (flags.json != "-") print_result(results.back(), language_of(flags.language));
    std::fflush(stdout);
  }
  if (flags.json == "-") fmt::print("{}", lab::results_summary(results, language_of(flags.language)));
  if (failed > 0 && rows.size() > 1)
    log_warning("{} of {} rows failed; the finished ones are kept", failed, rows.size());
  return interrupt_signal() == 0 ? code : 128 + interrupt_signal();
}

}  // namespace

void add_lab_run_command(Command command) {
  auto flags = std::make_shared<RunFlags>();
  Command run = command.command("run", "Run experiments; finished rows are kept and not run again.");
  run.option("rows", flags->rows, "Numbers of rows");
  run.flag("--all", flags->all, "All rows");
  run.flag("--quick", flags->quick, "At most a minute a row (default)");
  run.flag("--full", flags->full, "At most four minutes a row");
  run.flag("--minimal", flags->minimal, "A second or so a row: shows that it runs, decides little");
  run.flag("--null", flags->null, "The null experiments: the same on something broken; never stored");
  run.option("--seeds", flags->seeds, "Repetitions of each experiment; one alone leaves claims undecided")
      .between(1, 1000);
  run.option("--first-seed", flags->first_seed, "Seed of the first repetition").between(int64_t{1}, int64_t{1} << 40);
  run.option("--set", flags->set, "Change a setting, name=number; the result is marked as changed and not stored")
      .one_value_each();
  run.option("--data", flags->data, "Folder of real data, for rows that can use it (heddle lab show N)")
      .existing_folder();
  run.option("--json", flags->json, "Write one JSON object to this file, or to stdout if none is named")
      .alone_means("-");
  run.option("--out", flags->out, "Where results are kept").show_default();
  run.option("--lang", flags->language, "en or zh").one_of({"en", "zh"});
  run.example("heddle lab run 52 53 --quick --json results.json");
  run.run([flags] { return run_rows(*flags); });
}

}  // namespace heddle::app
