#include "heddle/lab/search_variants.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

namespace heddle::lab {
namespace {

struct Candidate {
  double key = 0;    // what ranks it
  double total = 0;  // log p of its tokens
  Answer tokens;
  int32_t row = -1;
};

// Every way in which the live prefixes can go on, best first.
std::vector<Candidate> extend(decode::StepModel& model, int32_t sequence, const SearchLimits& limits,
                              const std::vector<Candidate>& live, SearchVariant variant, RandomStream& random) {
  const auto vocab = static_cast<size_t>(model.vocab_size());
  std::vector<decode::StepModel::Row> rows;
  for (const Candidate& one : live)
    rows.push_back({one.row, one.tokens.empty() ? limits.start : one.tokens.back(), sequence});
  const std::span<float> next = model.step(rows);
  std::vector<Candidate> candidates;
  for (size_t r = 0; r < live.size(); ++r)
    for (size_t token = 0; token < vocab; ++token) {
      if (static_cast<int32_t>(token) == limits.start) continue;
      const auto step = static_cast<double>(next[r * vocab + token]);
      Candidate grown{0, live[r].total + step, live[r].tokens, static_cast<int32_t>(r)};
      grown.tokens.push_back(static_cast<int32_t>(token));
      grown.key = variant == SearchVariant::this_step ? step : grown.total;
      if (variant == SearchVariant::sampled) grown.key -= std::log(-std::log(1 - random.uniform()));
      candidates.push_back(std::move(grown));
    }
  std::ranges::stable_sort(candidates, std::greater{}, &Candidate::key);
  return candidates;
}

}  // namespace

Answer search_variant(decode::StepModel& model, int32_t sequence, const SearchLimits& limits, SearchVariant variant,
                      RandomStream& random) {
  std::vector<Candidate> live(1);
  Candidate best;
  for (int64_t length = 1; length <= limits.longest && !live.empty(); ++length) {
    std::vector<Candidate> candidates = extend(model, sequence, limits, live, variant, random);
    live.clear();
    int kept = 0;
    std::map<int32_t, int> kept_of_state;
    for (Candidate& one : candidates) {
      const bool stays =
          variant == SearchVariant::by_state ? kept_of_state[one.tokens.back()]++ == 0 : kept++ < limits.beam;
      if (!stays) continue;
      if (one.tokens.back() != limits.end) live.push_back(std::move(one));
      else if (best.tokens.empty() || one.total > best.total) best = std::move(one);
    }
    if (variant == SearchVariant::first_end && !best.tokens.empty()) break;
  }
  return best.tokens;
}

std::vector<double> log_probability_of(decode::StepModel& model, int32_t start, const std::vector<Answer>& answers) {
  const auto vocab = static_cast<size_t>(model.vocab_size());
  std::vector<double> scores(answers.size());
  std::vector<int32_t> row_of(answers.size(), -1);
  std::vector<decode::StepModel::Row> rows;
  for (size_t length = 0;; ++length) {
    rows.clear();
    for (size_t s = 0; s < answers.size(); ++s) {
      if (length >= answers[s].size()) continue;
      rows.push_back({row_of[s], length == 0 ? start : answers[s][length - 1], static_cast<int32_t>(s)});
      row_of[s] = static_cast<int32_t>(rows.size()) - 1;
    }
    if (rows.empty()) return scores;
    const std::span<float> next = model.step(rows);
    for (size_t r = 0; r < rows.size(); ++r) {
      const auto s = static_cast<size_t>(rows[r].sequence);
      scores[s] += static_cast<double>(next[r * vocab + static_cast<size_t>(answers[s][length])]);
    }
  }
}

}  // namespace heddle::lab
