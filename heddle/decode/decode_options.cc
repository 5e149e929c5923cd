#include "heddle/decode/decode_options.h"

#include <algorithm>

#include "heddle/base/error.h"

namespace heddle::decode {

void check(const DecodeOptions& options, const StepModel& model) {
  const int32_t vocab = model.vocab_size();
  if (options.start_token < 0 || options.start_token >= vocab)
    fail_input("the start token {} is not in the model's vocabulary of {} tokens", options.start_token, vocab);
  if (options.end_token < -1 || options.end_token >= vocab)
    fail_input("the end token {} is not in the model's vocabulary of {} tokens (-1 for a model without one)",
               options.end_token, vocab);
  if (!(options.max_factor >= 0) || options.max_extra < 0 || options.max_length < 1)
    fail_input("the longest answer, {} times the source plus {} tokens and at most {}, must not be negative",
               options.max_factor, options.max_extra, options.max_length);
}

int64_t longest_answer(const DecodeOptions& options, const StepModel& model, int64_t sequence) {
  const int64_t most = std::min(options.max_length, model.max_steps());
  const double relative = options.max_factor * static_cast<double>(model.source_length(sequence));
  // Compared before it becomes an integer, which a large factor would overflow.
  if (relative >= static_cast<double>(most)) return std::max<int64_t>(1, most);
  const int64_t room = most - static_cast<int64_t>(relative);
  return std::max<int64_t>(1, static_cast<int64_t>(relative) + std::min(options.max_extra, room));
}

std::vector<ScoreProcessor> score_chain(const DecodeOptions& options) {
  std::vector<ScoreProcessor> chain;
  if (!options.forbidden.empty()) chain.push_back(forbid_tokens(options.forbidden));
  if (options.min_length > 0) chain.push_back(minimum_length(options.min_length, options.end_token));
  chain.insert(chain.end(), options.processors.begin(), options.processors.end());
  return chain;
}

}  // namespace heddle::decode
