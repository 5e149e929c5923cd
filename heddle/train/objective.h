#pragma once
// What a task hands to the trainer: batches and their loss. The trainer knows no task.

#include <cstdint>
#include <string>
#include <vector>

#include "heddle/nn/pass.h"
#include "heddle/tensor/tensor.h"

namespace heddle::train {

// Where in the data a run stands; stored in checkpoints.
struct DataPosition {
  int64_t epoch = 0;
  int64_t batch = 0;  // of the epoch, the next one
  bool operator==(const DataPosition&) const = default;
};

struct BatchCounts {
  int64_t source_tokens = 0, target_tokens = 0;
};

struct LossSums {
  double loss = 0;  // summed over target tokens, as optimized
  double nll = 0;   // without smoothing
  int64_t tokens = 0, correct = 0;
};

class Objective {
 public:
  virtual ~Objective() = default;

  virtual DataPosition position() const = 0;
  virtual void seek(DataPosition position) = 0;
  // Loads the batch at the position and moves on. Epochs follow one another without end.
  virtual BatchCounts next_batch() = 0;
  // The loaded batch is worked on in this many pieces (gradient accumulation).
  virtual int micro_batches() const = 0;
  // The loss of one piece, Σ over tokens · scale, on the current tape, with the side losses of the pass.
  virtual Tensor forward(int micro_batch, const nn::Pass& pass, double scale, LossSums& sums) = 0;
};

// What validation found; the score decides which model is the best.
struct Validation {
  double loss = 0;  // per token, without smoothing
  double score = 0;
  std::string score_name = {};
  bool lower_is_better = false;

  bool beats(double other) const { return lower_is_better ? score < other : score > other; }
};

class Validator {
 public:
  virtual ~Validator() = default;
  virtual Validation validate(const nn::Parameters& parameters, const nn::WeightSet& weights) = 0;
};

}  // namespace heddle::train
