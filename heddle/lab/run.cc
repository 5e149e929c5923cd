#include "heddle/lab/run.h"

#include <algorithm>
#include <filesystem>

#include <xxhash.h>

#include "heddle/base/clock.h"
#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "heddle/base/nearest.h"
#include "heddle/lab/embedded.h"
#include "heddle/lab/trial.h"

namespace heddle::lab {
namespace {

int seed_count(const Experiment& experiment, const RunOptions& options) {
  if (options.seeds > 0) return options.seeds;
  return options.size == Size::full ? experiment.full_seeds : options.size == Size::quick ? experiment.quick_seeds : 2;
}

uint64_t content_hash(const std::filesystem::path& file) {
  constexpr int64_t kMostBytes = int64_t{4} << 30;
  const std::string content = read_file(file, kMostBytes);
  return XXH3_64bits(content.data(), content.size());
}

}  // namespace

void check_options(const Experiment& experiment, const RunOptions& options) {
  std::vector<std::string> names;
  for (const Setting& setting : experiment.settings) names.push_back(setting.name);
  for (const auto& [name, value] : options.changed) {
    if (std::ranges::find(names, name) != names.end()) continue;
    const std::string near = nearest_name(name, names);
    fail_input("row {} has no setting \"{}\"{}; see heddle lab show {}", experiment.row, name,
               near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near), experiment.row);
  }
  if (options.data.empty()) return;
  if (experiment.data_files.empty())
    fail_input("row {} takes no real data, all that it uses is generated; run it without --data", experiment.row);
  for (const std::string& file : experiment.data_files)
    if (!std::filesystem::is_regular_file(std::filesystem::path(options.data) / file))
      fail_input("row {} needs a file {} in the data folder {}, which has none; see heddle lab show {}", experiment.row,
                 file, options.data, experiment.row);
}

RowResult run_row(const Experiment& experiment, const RunOptions& options) {
  check_options(experiment, options);
  const double began = steady_seconds();
  const int seeds = seed_count(experiment, options);
  RowResult result;
  Gathered gathered;
  for (int i = 0; i < seeds; ++i) {
    const uint64_t seed = options.first_seed + static_cast<uint64_t>(i);
    const auto progress = [&](double share) {
      if (options.progress) options.progress((i + share) / seeds);
    };
    Trial trial(experiment, {options.size, options.null, seed, options.changed, options.data, progress}, gathered);
    trial.progress(0);
    experiment.run(trial);
    result.seeds.push_back(seed);
  }
  result.row = experiment.row;
  result.size = options.size;
  result.changed = !options.changed.empty() || options.null;
  result.key = result_key(experiment, options);
  result.figures = std::move(gathered.figures);
  result.pictures = std::move(gathered.pictures);
  result.seconds = steady_seconds() - began;
  for (const Figure& figure : result.figures)
    HEDDLE_CHECK(figure.values.size() == result.seeds.size(), "row {} gave the figure {} for {} of {} seeds",
                 result.row, figure.name, figure.values.size(), result.seeds.size());
  judge_row(result);
  return result;
}

void judge_row(RowResult& result) {
  std::vector<ClaimVerdict> verdicts;
  result.claims.clear();
  for (const Claim& claim : ledger_of(result.row).claims) {
    if (!claim.rule) continue;
    verdicts.push_back({&claim, judge(*claim.rule, result.figures)});
    result.claims.push_back({claim.id, claim.text, verdicts.back().judgement});
  }
  result.judgement = row_judgement(verdicts);
}

std::string result_key(const Experiment& experiment, const RunOptions& options) {
  std::string all =
      fmt::format("{} {} {} {} {} {} {}", source_hash(std::filesystem::path(experiment.file).filename().string()),
                  experiment.version, name_of(options.size), options.null, seed_count(experiment, options),
                  options.first_seed, options.data);
  for (const auto& [name, value] : options.changed) all += fmt::format(" {}={}", name, value);
  if (!options.data.empty())
    for (const std::string& file : experiment.data_files)
      all += fmt::format(" {:016x}", content_hash(std::filesystem::path(options.data) / file));
  const XXH128_hash_t hash = XXH3_128bits(all.data(), all.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

bool is_current(const RowResult& result) {
  RunOptions options;
  options.size = result.size;
  options.seeds = static_cast<int>(result.seeds.size());
  options.first_seed = result.seeds.empty() ? 1 : result.seeds[0];
  return result_key(experiment(result.row), options) == result.key;
}

}  // namespace heddle::lab
