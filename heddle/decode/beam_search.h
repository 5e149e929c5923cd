#pragma once
// Beam search over any StepModel, many sequences at once; beam 1 is greedy search.
//
// Hypotheses are compared by their score: log-probability / length penalty + coverage penalty (Wu et al.
// 2016, section 7). Finished hypotheses leave the batch, and so do finished sequences; what else is in the
// batch never changes an answer. Ties go to the lower parent, then the lower token.

#include <cstdint>
#include <vector>

#include "heddle/decode/step_model.h"

namespace heddle::decode {

enum class LengthPenalty : uint8_t {
  none,     // 1
  average,  // length
  wu,       // ((5 + length) / 6)^alpha
};

struct BeamOptions {
  int beam = 5;
  int nbest = 1;  // at most beam
  int32_t start_token = 1, end_token = 2;
  std::vector<int32_t> forbidden;  // never produced, e.g. padding and start
  LengthPenalty length_penalty = LengthPenalty::wu;
  double alpha = 0.6;
  double coverage = 0;  // beta of the coverage penalty; needs a model with attention
  // At most max_factor·source length + max_extra tokens, the end token included, and never over
  // max_length.
  double max_factor = 2.0;
  int64_t max_extra = 20;
  int64_t max_length = 512;
  int64_t min_length = 0;  // tokens before the end token may come
  // Stop a sequence as soon as `beam` hypotheses are finished; otherwise only when no live hypothesis can
  // still beat the worst that is kept.
  bool stop_early = false;
};

struct Hypothesis {
  std::vector<int32_t> tokens;  // without start, with the end token where it was reached
  double log_probability = 0;
  double score = 0;
  bool finished = false;  // false: cut at the maximum length
};

// For every input sequence its best `nbest` hypotheses, best first.
std::vector<std::vector<Hypothesis>> beam_search(StepModel& model, const BeamOptions& options);

}  // namespace heddle::decode
