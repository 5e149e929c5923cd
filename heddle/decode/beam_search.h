#pragma once
// Beam search over any StepModel, many sequences at once; beam 1 is greedy search.
//
// In every step the `beam` most probable hypotheses of a sequence stay in its beam. One that ends leaves
// the batch and is ranked by its score (hypothesis_score.h); so does a sequence that is done. What else
// is in the batch never changes an answer. Ties go to the lower token, then the lower parent; of
// finished hypotheses with equal score, to the one found first.

#include <cstdint>
#include <vector>

#include "heddle/decode/decode_options.h"
#include "heddle/decode/hypothesis.h"
#include "heddle/decode/hypothesis_score.h"
#include "heddle/decode/step_model.h"

namespace heddle::decode {

struct BeamOptions : DecodeOptions {
  int beam = 5;
  int nbest = 1;  // at most beam
  LengthPenalty length_penalty = LengthPenalty::wu;
  double alpha = 0.6;
  double coverage = 0;  // beta of the coverage penalty; needs a model with attention
  // Stop a sequence as soon as `beam` hypotheses are finished; otherwise only when no live one can come
  // among its `nbest` any more, which gives the same answers as never stopping.
  bool stop_early = false;
};

// For every input sequence its best `nbest` hypotheses, best first: finished ones, then, where too few
// ended, those cut at the maximum length. Never none; fewer than `nbest` only where no more were found.
std::vector<std::vector<Hypothesis>> beam_search(StepModel& model, const BeamOptions& options);

}  // namespace heddle::decode
