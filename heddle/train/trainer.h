#pragma once
// The training loop: batch, loss, gradients, step; with logging, validation and checkpoints at their times.

#include <filesystem>
#include <functional>
#include <memory>

#include "heddle/ops/compute.h"
#include "heddle/tensor/arena.h"
#include "heddle/train/checkpoint.h"
#include "heddle/train/config.h"
#include "heddle/train/objective.h"
#include "heddle/train/optimizer.h"
#include "heddle/train/schedule.h"

namespace heddle::train {

// One line of metrics.jsonl.
struct MetricsLine {
  int64_t step = 0;
  double seconds = 0;
  double loss = 0;  // per target token, since the line before
  int64_t source_tokens = 0, target_tokens = 0;
  double tokens_per_second = 0;  // target tokens, since the line before
  double learning_rate = 0, grad_norm = 0;
};

struct Outcome {
  RunState state;
  int signal = 0;              // stopped by this signal
  bool last_save_failed = false;
};

class Trainer {
 public:
  struct Parts {
    const nn::Parameters& parameters;
    nn::WeightSet& weights;
    Objective& objective;
    Validator* validator;                            // may be null
    std::filesystem::path folder;                    // the --out folder
    std::function<void(const nn::WeightSet&)> publish;  // puts a model into the folder
  };
  Trainer(const Parts& parts, const TrainConfig& config, ops::Compute compute);

  // Goes on from the newest checkpoint that verifies, if there is one. Throws InputError for none of
  // its weights fitting.
  void resume();
  const RunState& state() const { return state_; }

  Outcome run();
  // One optimizer step; returns its line. For dry runs, benchmarks and tests.
  MetricsLine step();

  const Arena& arena() const { return arena_; }

 private:
  void save(bool finished);
  void validate();
  void log(const MetricsLine& line);
  void finish();
  bool budget_left() const;
  double seconds() const;
  [[noreturn]] void fail_nonfinite(double loss) const;

  Parts parts_;
  TrainConfig config_;
  ops::Compute compute_;
  Schedule schedule_;
  CheckpointFolder checkpoints_;
  Optimizer optimizer_;
  nn::SummedGradients gradients_;
  Arena arena_;
  RunState state_;
  double part_began_;       // clock when this part of the run began
  double seconds_before_ = 0;
  bool last_save_failed_ = false;
};

}  // namespace heddle::train
