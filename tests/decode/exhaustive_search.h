#pragma once
// The oracle of beam search: every sequence that ends within the maximum length, one by one. It reads
// the model through prefixes alone, from the start each time, so it shares nothing with the search.

#include <algorithm>
#include <vector>

#include "heddle/decode/beam_search.h"

namespace heddle::decode {

// Log-probabilities of what follows a prefix of sequence 0.
inline std::vector<float> follow(StepModel& model, const BeamOptions& options, const std::vector<int32_t>& prefix) {
  std::vector<float> row(static_cast<size_t>(model.vocab_size()));
  StepModel::Row next = {-1, options.start_token, 0};
  model.step({&next, 1}, row.data());
  for (int32_t token : prefix) {
    next = {0, token, 0};
    model.step({&next, 1}, row.data());
  }
  return row;
}

inline void extend_prefix(StepModel& model, const BeamOptions& options, std::vector<int32_t>& prefix,
                          double log_probability, std::vector<Hypothesis>& all) {
  const std::vector<float> row = follow(model, options, prefix);
  for (int32_t token = 0; token < model.vocab_size(); ++token) {
    if (std::ranges::count(options.forbidden, token) > 0) continue;
    const double total = log_probability + static_cast<double>(row[static_cast<size_t>(token)]);
    prefix.push_back(token);
    if (token == options.end_token) {
      const HypothesisScore score = {options.length_penalty, options.alpha, 0};
      all.push_back({prefix, total, score(total, std::ssize(prefix)), true});
    } else if (std::ssize(prefix) < options.max_extra) {
      extend_prefix(model, options, prefix, total, all);
    }
    prefix.pop_back();
  }
}

// Best score first. Lengths are limited by options.max_extra alone.
inline std::vector<Hypothesis> exhaustive_search(StepModel& model, const BeamOptions& options) {
  std::vector<Hypothesis> all;
  std::vector<int32_t> prefix;
  extend_prefix(model, options, prefix, 0, all);
  std::ranges::sort(all, [](const Hypothesis& a, const Hypothesis& b) { return a.score > b.score; });
  return all;
}

}  // namespace heddle::decode
