#pragma once
// The training loop: batch, loss, gradients, step; with logging, validation and checkpoints at their times.

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "heddle/ops/compute.h"
#include "heddle/tensor/arena.h"
#include "heddle/train/checkpoint.h"
#include "heddle/train/config.h"
#include "heddle/train/gradient_noise.h"
#include "heddle/train/moving_average.h"
#include "heddle/train/objective.h"
#include "heddle/train/optimizer.h"
#include "heddle/train/run_log.h"
#include "heddle/train/schedule.h"

namespace heddle::train {

struct Outcome {
  RunState state;
  int signal = 0;  // stopped by this signal
  bool last_save_failed = false;
  int64_t parameters = 0;
  int64_t activation_bytes = 0;  // at most at a time, in this part of the run
};

class Trainer {
 public:
  struct Parts {
    const nn::Parameters& parameters;
    nn::WeightSet& weights;
    Objective& objective;
    Validator* validator;                               // may be null
    std::filesystem::path folder;                       // the --out folder
    std::function<void(const nn::WeightSet&)> publish;  // puts a model into the folder; may throw SystemError
    std::function<void(int64_t step)> snapshot = {};    // every attention_every steps; may throw SystemError
  };
  Trainer(const Parts& parts, const TrainConfig& config, ops::Compute compute);

  // Goes on from the newest checkpoint that verifies, if there is one. Throws InputError for none of
  // its weights fitting.
  void resume();
  const RunState& state() const { return state_; }

  // Whether steps, minutes, epochs and patience allow another step.
  bool budget_left() const;
  Outcome run();
  // What there is to say of the run as it stands.
  Outcome outcome() const;
  // One optimizer step; returns its line. For dry runs, benchmarks and tests.
  MetricsLine step();

  const Arena& arena() const { return arena_; }

 private:
  struct FirstPiece {
    double norm_squared = 0;
    int64_t tokens = 0;
  };
  void add_noise(const FirstPiece& first, int64_t tokens);
  void save(bool finished);
  void validate();
  void take_snapshot();
  void publish(const nn::WeightSet& weights);
  void publish_average();
  void finish();
  // What is validated and published: the moving average, or without one the weights.
  const nn::WeightSet& model() { return average_ ? average_->weights() : parts_.weights; }
  double seconds() const;
  double cpu_seconds() const;
  [[noreturn]] void fail_nonfinite(double loss) const;

  Parts parts_;
  TrainConfig config_;
  ops::Compute compute_;
  Schedule schedule_;
  CheckpointFolder checkpoints_;
  Optimizer optimizer_;
  nn::SummedGradients gradients_;
  std::optional<MovingAverage> average_;  // with ema_decay
  GradientNoise noise_;                   // starts anew in every part of a run
  RunLog log_;
  Arena arena_;
  RunState state_;
  double part_began_, part_began_cpu_;  // clocks when this part of the run began
  double seconds_before_ = 0, cpu_seconds_before_ = 0;
  bool last_save_failed_ = false, last_publish_failed_ = false;
};

}  // namespace heddle::train
