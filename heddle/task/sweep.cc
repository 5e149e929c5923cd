#include "heddle/task/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "heddle/base/log.h"
#include "heddle/task/train_recipe.h"

namespace heddle::task {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr int64_t kLargestResults = int64_t{64} << 20;
constexpr size_t kMostCombinations = 10000;

std::string text_of(const Settings& settings) {
  std::string text;
  for (const auto& [key, value] : settings) text += fmt::format("{}{}={}", text.empty() ? "" : " ", key, value);
  return text.empty() ? "as the recipe says" : text;
}

// A name that every file system takes.
std::string folder_name(const SweepResult& run) {
  std::string name = fmt::format("{} {} seed={}", run.recipe, text_of(run.settings), run.seed);
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '=' && c != '-') c = '_';
  if (name.size() > 200) name = fmt::format("{}_{:016x}", name.substr(0, 180), std::hash<std::string>{}(name));
  return name;
}

Json to_json(const SweepResult& r) {
  return {{"recipe", r.recipe},
          {"settings", r.settings},
          {"seed", r.seed},
          {"score_name", r.score_name},
          {"score", r.score},
          {"lower_is_better", r.lower_is_better},
          {"steps", r.steps},
          {"target_tokens", r.target_tokens},
          {"parameters", r.parameters},
          {"activation_bytes", r.activation_bytes},
          {"seconds", r.seconds},
          {"cpu_seconds", r.cpu_seconds}};
}

SweepResult from_json(const Json& j) {
  SweepResult r;
  r.recipe = j.at("recipe");
  r.settings = j.at("settings");
  r.seed = j.at("seed");
  r.score_name = j.at("score_name");
  r.score = j.at("score");
  r.lower_is_better = j.at("lower_is_better");
  r.steps = j.at("steps");
  r.target_tokens = j.at("target_tokens");
  r.parameters = j.at("parameters");
  r.activation_bytes = j.at("activation_bytes");
  r.seconds = j.at("seconds");
  r.cpu_seconds = j.at("cpu_seconds");
  return r;
}

bool same_run(const SweepResult& a, const SweepResult& b) {
  return a.recipe == b.recipe && a.settings == b.settings && a.seed == b.seed;
}

void append(const fs::path& file, const SweepResult& result) {
  std::ofstream out(file, std::ios::app);
  out << to_json(result).dump() << '\n';
  out.flush();
  if (!out) fail_system("cannot write {}", file.string());
}

std::vector<std::string> overrides_of(const SweepFlags& flags, const SweepResult& run) {
  std::vector<std::string> all = flags.overrides;
  for (const auto& [key, value] : run.settings) all.push_back(key + "=" + value);
  all.push_back(fmt::format("train.seed={}", run.seed));
  return all;
}

// Trains, or goes on with what was interrupted; the signal that interrupted it again, or 0.
int run_one(const SweepFlags& flags, const Recipe& recipe, SweepResult& run) {
  const fs::path out = flags.out / folder_name(run);
  const train::Outcome outcome = train_recipe(recipe, {.out = out, .resume = fs::exists(out)});
  if (outcome.signal != 0) return outcome.signal;
  run.score_name = outcome.state.score_name;
  run.score = outcome.state.best_score;
  run.lower_is_better = outcome.state.lower_is_better;
  run.steps = outcome.state.step;
  run.target_tokens = outcome.state.target_tokens;
  run.parameters = outcome.parameters;
  run.activation_bytes = outcome.activation_bytes;
  run.seconds = outcome.state.seconds;
  run.cpu_seconds = outcome.state.cpu_seconds;
  return 0;
}

}  // namespace

GridAxis parse_axis(const std::string& text) {
  const size_t equals = text.find('=');
  GridAxis axis = {text.substr(0, equals), {}};
  if (equals == std::string::npos || axis.key.empty()) fail_input("--grid {} is not of the form key=value,value", text);
  std::string value;
  int depth = 0;
  char quote = 0;
  for (const char c : text.substr(equals + 1)) {
    if (quote) quote = c == quote ? 0 : quote;
    else if (c == '"' || c == '\'') quote = c;
    else if (c == '(' || c == '[') ++depth;
    else if (c == ')' || c == ']') --depth;
    if (c == ',' && depth == 0 && !quote) axis.values.push_back(std::exchange(value, {}));
    else value += c;
  }
  axis.values.push_back(value);
  if (std::ranges::any_of(axis.values, &std::string::empty))
    fail_input("--grid {} has an empty value; values are parted by single commas", text);
  return axis;
}

std::vector<Settings> combinations(const std::vector<GridAxis>& axes) {
  std::vector<Settings> all = {{}};
  for (const GridAxis& axis : axes) {
    if (all.front().contains(axis.key)) fail_input("--grid names {} twice; give all its values at once", axis.key);
    if (all.size() * axis.values.size() > kMostCombinations)
      fail_input("the grid has more than {} combinations; sweep fewer keys at a time", kMostCombinations);
    std::vector<Settings> wider;
    for (const Settings& settings : all)
      for (const std::string& value : axis.values) {
        wider.push_back(settings);
        wider.back()[axis.key] = value;
      }
    all = std::move(wider);
  }
  return all;
}

std::vector<SweepResult> read_results(const fs::path& file) {
  std::vector<SweepResult> results;
  if (!fs::exists(file)) return results;
  const std::string text = read_file(file, kLargestResults);
  int64_t number = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    ++number;
    try {
      results.push_back(from_json(Json::parse(text.substr(begin, end - begin))));
    } catch (const nlohmann::json::exception& error) {
      fail_input("{}:{} is no result of a sweep: {}", file.string(), number, error.what());
    }
    begin = end + 1;
  }
  return results;
}

SweepOutcome sweep(const SweepFlags& flags) {
  std::vector<SweepResult> known = read_results(flags.results);
  create_folder(flags.out);
  SweepOutcome outcome;
  for (const Settings& settings : combinations(flags.axes))
    for (int64_t seed = 1; seed <= flags.seeds; ++seed) {
      SweepResult run = {.recipe = flags.recipe.stem().string(), .settings = settings, .seed = seed};
      const auto found = std::ranges::find_if(known, [&](const SweepResult& one) { return same_run(one, run); });
      if (found != known.end()) {
        outcome.results.push_back(*found);
        continue;
      }
      Recipe recipe;
      try {
        recipe = read_recipe(flags.recipe, overrides_of(flags, run));
      } catch (const InputError& refusal) {
        outcome.refused[text_of(settings)] = refusal.what();
        continue;
      }
      log_info("{}, seed {}", text_of(settings), seed);
      outcome.signal = run_one(flags, recipe, run);
      if (outcome.signal != 0) return outcome;
      append(flags.results, run);
      outcome.results.push_back(run);
    }
  if (outcome.results.empty() && !outcome.refused.empty()) throw InputError(outcome.refused.begin()->second);
  return outcome;
}

std::vector<SweepRow> rows_of(const std::vector<SweepResult>& results) {
  std::vector<SweepRow> rows;
  for (const SweepResult& result : results) {
    auto row = std::ranges::find_if(rows, [&](const SweepRow& one) {
      return one.first.recipe == result.recipe && one.first.settings == result.settings;
    });
    if (row == rows.end())
      row = rows.insert(rows.end(), {.first = result, .lowest = result.score, .highest = result.score});
    ++row->runs;
    const double share = 1.0 / static_cast<double>(row->runs);
    row->mean += (result.score - row->mean) * share;
    row->cpu_seconds += (result.cpu_seconds - row->cpu_seconds) * share;
    row->lowest = std::min(row->lowest, result.score);
    row->highest = std::max(row->highest, result.score);
  }
  return rows;
}

std::string sweep_table(const SweepOutcome& outcome) {
  std::vector<SweepRow> rows = rows_of(outcome.results);
  if (rows.empty()) return "no run is finished\n";
  std::ranges::stable_sort(rows, [](const SweepRow& a, const SweepRow& b) {
    return a.first.lower_is_better ? a.mean < b.mean : a.mean > b.mean;
  });
  std::string text = fmt::format(
      "| settings | {} | lowest to highest | runs | CPU seconds | weights | activations (MB) "
      "|\n|---|---|---|---|---|---|---|\n",
      rows[0].first.score_name);
  for (const SweepRow& row : rows)
    text += fmt::format("| {} | {:.3f} | {:.3f} to {:.3f} | {} | {:.1f} | {} | {:.1f} |\n", text_of(row.first.settings),
                        row.mean, row.lowest, row.highest, row.runs, row.cpu_seconds, row.first.parameters,
                        static_cast<double>(row.first.activation_bytes) / 1e6);
  for (const auto& [settings, why] : outcome.refused)
    text += fmt::format("| {} | refused: {} | | | | | |\n", settings, why);
  return text;
}

}  // namespace heddle::task
