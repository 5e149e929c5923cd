#pragma once
// Many trainings of one recipe: every combination of some keys' values, each with several seeds, and what came out.
//
// Results lie in a file of JSON lines, one a finished run, under the recipe's name, what was set, and the seed. A sweep
// that is started again runs what is missing there, and goes on with a run that was interrupted.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace heddle::task {

// model.norm=layer,rms,none; values are parted by commas outside of brackets and quotes.
struct GridAxis {
  std::string key;
  std::vector<std::string> values;
};
// Throws InputError for an axis without a key or a value.
GridAxis parse_axis(const std::string& text);

// What a run had that the recipe does not say: by key, in the order of keys.
using Settings = std::map<std::string, std::string>;
// All combinations of the axes, the last axis fastest. Throws InputError for a key that stands in two axes and for more
// than 10,000 combinations.
std::vector<Settings> combinations(const std::vector<GridAxis>& axes);

struct SweepResult {
  std::string recipe = {};  // the file's name without folder and ending
  Settings settings = {};
  int64_t seed = 0;
  std::string score_name = {};
  double score = 0;  // of the best validation
  bool lower_is_better = false;
  int64_t steps = 0, target_tokens = 0, parameters = 0, activation_bytes = 0;
  double seconds = 0;      // of training, by the clock
  double cpu_seconds = 0;  // of all threads, over all parts of an interrupted run, validation included: what a run
                           // costs on a machine with other work too
};

// The lines of a file; none when it is not there. Throws InputError, with the line, for what is no result.
std::vector<SweepResult> read_results(const std::filesystem::path& file);

struct SweepFlags {
  std::filesystem::path recipe, out, results;  // results: the file
  std::vector<std::string> overrides;          // of every run, not part of its name
  std::vector<GridAxis> axes;
  int64_t seeds = 2;  // 1 to this
};

struct SweepOutcome {
  std::vector<SweepResult> results;            // of this sweep, in the order of combinations and seeds
  std::map<std::string, std::string> refused;  // combinations that make no sense, and why
  int signal = 0;                              // stopped by this signal
};

// Throws InputError when every combination is refused, and for whatever train_recipe throws.
SweepOutcome sweep(const SweepFlags& flags);

// The same settings together, whatever the seed.
struct SweepRow {
  SweepResult first;
  int64_t runs = 0;
  double mean = 0, lowest = 0, highest = 0;  // of the score
  double cpu_seconds = 0;                    // mean
};
std::vector<SweepRow> rows_of(const std::vector<SweepResult>& results);

// A Markdown table, best score first.
std::string sweep_table(const SweepOutcome& outcome);

}  // namespace heddle::task
