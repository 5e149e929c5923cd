#pragma once
// The oracle of beam search: every sequence that ends within the maximum length, one by one. It reads
// the model through prefixes alone, from the start each time, so it shares nothing with the search.

#include <algorithm>
#include <functional>
#include <vector>

#include "heddle/decode/beam_search.h"

namespace heddle::decode {

struct Following {
  std::vector<float> log_probabilities;  // of what follows a prefix of sequence 0
  std::vector<double> attended;          // its attention over the source, summed over its steps; empty without coverage
};

inline Following follow(StepModel& model, const BeamOptions& options, const std::vector<int32_t>& prefix) {
  Following found;
  const auto step = [&](StepModel::Row row) {
    const std::span<float> next = model.step({&row, 1});
    found.log_probabilities.assign(next.begin(), next.end());
    if (options.coverage == 0) return;
    found.attended.resize(static_cast<size_t>(model.source_length(0)));
    std::ranges::transform(found.attended, model.attention(0), found.attended.begin(), std::plus<>());
  };
  step({-1, options.start_token, 0});
  for (int32_t token : prefix) step({0, token, 0});
  return found;
}

inline void extend_prefix(StepModel& model, const BeamOptions& options, std::vector<int32_t>& prefix,
                          double log_probability, std::vector<Hypothesis>& all) {
  const Following next = follow(model, options, prefix);
  for (int32_t token = 0; token < model.vocab_size(); ++token) {
    if (std::ranges::count(options.forbidden, token) > 0) continue;
    const double total = log_probability + static_cast<double>(next.log_probabilities[static_cast<size_t>(token)]);
    prefix.push_back(token);
    if (token == options.end_token) {
      const HypothesisScore score = {options.length_penalty, options.alpha, options.coverage};
      all.push_back({prefix, total, score(total, std::ssize(prefix), next.attended), true});
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
