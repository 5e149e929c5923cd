#pragma once
// Beam search with one part exchanged at a time, written for reading: one input, one answer. And
// the log-probability of given answers, to judge searches by.

#include <cstdint>
#include <vector>

#include "heddle/base/random.h"
#include "heddle/decode/step_model.h"

namespace heddle::lab {

using Answer = std::vector<int32_t>;

// By what a step chooses the candidates that stay, and when the search ends.
enum class SearchVariant : uint8_t {
  whole_prefix,  // by the probability of the prefix with the candidate: beam search as it is
  this_step,     // by the probability of the candidate in this step alone
  sampled,       // drawn by the prefix's probability, without replacement (Gumbel top-k; Kool et al.
                 // 2019)
  first_end,     // as whole_prefix, but over as soon as one of those that stay is the end
  by_state,      // the best prefix for each last token, however many: dynamic programming (Viterbi
                 // 1967)
};

struct SearchLimits {
  int32_t start = 0, end = 1;  // the start is never produced
  int64_t longest = 1;         // tokens, the end included
  int beam = 1;
};

// The most probable answer that ended; empty where none did.
Answer search_variant(decode::StepModel& model, int32_t sequence, const SearchLimits& limits, SearchVariant variant,
                      RandomStream& random);

// Passes a model on and counts the prefixes that it is asked to continue: what a search costs.
class CountingModel : public decode::StepModel {
 public:
  explicit CountingModel(decode::StepModel& model) : model_(model) {}
  int32_t vocab_size() const override { return model_.vocab_size(); }
  int64_t sequences() const override { return model_.sequences(); }
  int64_t source_length(int64_t sequence) const override { return model_.source_length(sequence); }
  std::span<float> step(std::span<const Row> rows) override {
    prefixes_ += static_cast<double>(rows.size());
    return model_.step(rows);
  }
  double prefixes_each() const { return prefixes_ / static_cast<double>(model_.sequences()); }

 private:
  decode::StepModel& model_;
  double prefixes_ = 0;
};

// log p of answers[s] given input s, token after token.
std::vector<double> log_probability_of(decode::StepModel& model, int32_t start, const std::vector<Answer>& answers);

}  // namespace heddle::lab
