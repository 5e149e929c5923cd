#pragma once
// Runs a row: its trials one after another, then the rules over what they gave.

#include <functional>
#include <map>
#include <string>

#include "heddle/lab/experiment.h"
#include "heddle/lab/row_result.h"

namespace heddle::lab {

struct RunOptions {
  Size size = Size::quick;
  bool null = false;
  int seeds = 0;                          // 0: as the experiment says
  uint64_t first_seed = 1;                // seeds are first_seed, first_seed + 1, …
  std::map<std::string, double> changed;  // settings changed by --set
  std::string data;                       // a folder of real data, or empty
  std::function<void(double share)> progress;
};

// InputError for a setting that the experiment does not have, and for a data folder without a file that it needs.
void check_options(const Experiment& experiment, const RunOptions& options);
// Throws what check_options() does, and Stopped when the user asked to stop.
RowResult run_row(const Experiment& experiment, const RunOptions& options);

// Verdicts of all claims, and of the row, by the rules of the ledger. Throws Error when a figure is missing.
void judge_row(RowResult& result);

// What a stored result depends on: the experiment's file and version, its size, seeds and data. An unrelated change of
// the program does not change it.
std::string result_key(const Experiment& experiment, const RunOptions& options);
// False when the experiment was changed after this result, or when real data was used, which may have been.
bool is_current(const RowResult& result);

}  // namespace heddle::lab
