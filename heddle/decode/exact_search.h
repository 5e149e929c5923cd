#pragma once
// The best answer there is, by branch and bound: what beam search only approximates.
//
// All prefixes of one length are followed at once; dropped are only those that cannot beat the best
// answer found, since log p can but fall as a prefix grows. The cost is exponential in the worst
// case, so this is for small spaces and confident models (Stahlberg & Byrne 2019, "On NMT Search
// Errors and Model Errors", do the same depth first).

#include <vector>

#include "heddle/decode/decode_options.h"
#include "heddle/decode/hypothesis.h"
#include "heddle/decode/hypothesis_score.h"
#include "heddle/decode/step_model.h"

namespace heddle::decode {

struct ExactOptions : DecodeOptions {
  LengthPenalty length_penalty = LengthPenalty::none;
  double alpha = 0.6;
  int64_t most_prefixes = 1 << 20;  // alive at one length, of all sequences together
};

// For every input sequence its best hypothesis: a finished one where any ends, else the best that
// was cut; of equal ones the shorter, then the first in the order of tokens. Throws InputError when
// more than `most_prefixes` stay alive.
std::vector<Hypothesis> exact_search(StepModel& model, const ExactOptions& options);

}  // namespace heddle::decode
