#pragma once
// What every way of decoding needs to know: special tokens, limits of length, score processors.

#include <cstdint>
#include <vector>

#include "heddle/decode/score_processor.h"
#include "heddle/decode/step_model.h"

namespace heddle::decode {

struct DecodeOptions {
  int32_t start_token = 1;
  int32_t end_token = 2;           // -1: nothing ends before its maximum length
  std::vector<int32_t> forbidden;  // never produced, e.g. padding and start
  // At most max_factor·source length + max_extra tokens, the end token included, and never over
  // max_length or what the model can take; at least 1.
  double max_factor = 2.0;
  int64_t max_extra = 20;
  int64_t max_length = 512;
  int64_t min_length = 0;                  // tokens before the end token may come
  std::vector<ScoreProcessor> processors;  // applied after `forbidden` and `min_length`
};

// Throws InputError where the special tokens do not fit the model or a limit makes no sense.
void check(const DecodeOptions& options, const StepModel& model);

// The most tokens an answer to `sequence` may have.
int64_t longest_answer(const DecodeOptions& options, const StepModel& model, int64_t sequence);

// `forbidden`, `min_length`, then `processors`.
std::vector<ScoreProcessor> score_chain(const DecodeOptions& options);

}  // namespace heddle::decode
