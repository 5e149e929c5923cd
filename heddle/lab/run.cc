#include "heddle/lab/run.h"

#include <algorithm>
#include <filesystem>

#include <xxhash.h>

#include "heddle/base/clock.h"
#include "heddle/base/error.h"
#include "heddle/base/nearest.h"
#include "heddle/lab/embedded.h"
#include "heddle/lab/trial.h"

namespace heddle::lab {
namespace {

int seed_count(const Experiment& experiment, const RunOptions& options) {
  if (options.seeds > 0) return options.seeds;
  return options.size == Size::full ? experiment.full_seeds : options.size == Size::quick ? experiment.quick_seeds : 2;
}

void check_settings(const Experiment& experiment, const std::map<std::string, double>& changed) {
  std::vector<std::string> names;
  for (const Setting& setting : experiment.settings) names.push_back(setting.name);
  for (const auto& [name, value] : changed) {
    if (std::ranges::find(names, name) != names.end()) continue;
    const std::string near = nearest_name(name, names);
    fail_input("row {} has no setting \"{}\"{}; see heddle lab show {}", experiment.row, name,
               near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near), experiment.row);
  }
}

}  // namespace

RowResult run_row(const Experiment& experiment, const RunOptions& options) {
  check_settings(experiment, options.changed);
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
  result.changed = !options.changed.empty();
  result.key = result_key(experiment, options);
  result.figures = std::move(gathered.figures);
  result.pictures = std::move(gathered.pictures);
  result.seconds = steady_seconds() - began;
  for (const Figure& figure : result.figures)
    HEDDLE_CHECK(figure.values.size() == result.seeds.size(), "row {} gave the figure {} for {} of {} seeds", result.row, figure.name,
                 figure.values.size(), result.seeds.size());
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
  std::string all = fmt::format("{} {} {} {} {} {} {}", source_hash(std::filesystem::path(experiment.file).filename().string()), experiment.version,
                                name_of(options.size), options.null, seed_count(experiment, options), options.first_seed, options.data);
  for (const auto& [name, value] : options.changed) all += fmt::format(" {}={}", name, value);
  const XXH128_hash_t hash = XXH3_128bits(all.data(), all.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace heddle::lab
