#pragma once
// Everything a run needs to go on as if it had never stopped, in a folder that is there completely or not.
//
// A checkpoint is a folder of named parts (`model` → model.safetensors, `optimizer` → optimizer.safetensors,
// `state` → state.json, and whatever else a run keeps: `ema`, `adapter/de`, ...) and, written last,
// manifest.json with the size and hash of each. It is built under a temporary name beside its place,
// synced, and renamed; a checkpoint of the same step is removed only after that.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "heddle/train/objective.h"

namespace heddle::train {

// The small numbers of a run.
struct RunState {
  int64_t step = 0;
  DataPosition position;
  double seconds = 0;      // of training, over all parts
  double cpu_seconds = 0;  // of all threads
  int64_t source_tokens = 0, target_tokens = 0;
  std::string score_name;  // what validation tells, and how it is compared
  bool lower_is_better = false;
  double best_score = 0;  // of best_step; 0: none yet
  int64_t best_step = 0;
  int64_t validations_since_best = 0;
  bool finished = false;
};

class CheckpointFolder {
 public:
  explicit CheckpointFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // write_parts(directory) adds the files of all parts but the state; returns when everything is durable.
  void save(const RunState& state, const std::function<void(const std::filesystem::path&)>& write_parts,
            int64_t keep_last);

  struct Found {
    std::filesystem::path path;
    RunState state;
  };
  // The newest checkpoint whose manifest verifies; `warn` hears why others were skipped.
  std::optional<Found> newest(const std::function<void(const std::string&)>& warn) const;
  // All checkpoints that are there, oldest first, verified or not.
  struct Entry {
    std::filesystem::path path;
    int64_t step;
  };
  std::vector<Entry> all() const;
  // Removes what a killed save left behind.
  void remove_leftovers() const;

 private:
  void drop_old(int64_t step, const std::filesystem::path& newest, int64_t keep_last) const;

  std::filesystem::path folder_;
};

}  // namespace heddle::train
