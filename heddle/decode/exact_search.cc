#include "heddle/decode/exact_search.h"

#include <limits>

#include "heddle/base/error.h"

namespace heddle::decode {
namespace {

constexpr double kImpossible = -std::numeric_limits<double>::infinity();

struct Prefix {
  StepModel::Row row;
  double log_probability = 0;
  std::vector<int32_t> tokens;
};

class ExactSearch {
 public:
  ExactSearch(StepModel& model, const ExactOptions& options)
      : model_(model),
        options_(options),
        score_{options.length_penalty, options.alpha, 0},
        processors_(score_chain(options)),
        best_(static_cast<size_t>(model.sequences()), Hypothesis{{}, 0, kImpossible, false}) {
    check(options, model);
    for (int32_t s = 0; s < model.sequences(); ++s) {
      live_.push_back({{-1, options.start_token, s}, 0, {}});
      longest_.push_back(longest_answer(options, model, s));
    }
  }

  std::vector<Hypothesis> run() {
    const auto vocab = static_cast<size_t>(model_.vocab_size());
    for (int64_t length = 1; !live_.empty(); ++length) {
      check_size(length);
      rows_.clear();
      for (const Prefix& prefix : live_) rows_.push_back(prefix.row);
      const std::span<float> next = model_.step(rows_);
      for (size_t r = 0; r < live_.size(); ++r) extend(static_cast<int32_t>(r), next.subspan(r * vocab, vocab), length);
      live_.clear();
      // Only now, when all endings of this length are known.
      for (Prefix& prefix : grown_)
        if (can_win(prefix, length)) live_.push_back(std::move(prefix));
      grown_.clear();
    }
    return std::move(best_);
  }

 private:
  void check_size(int64_t length) const {
    if (std::ssize(live_) > options_.most_prefixes)
      fail_input(
          "exact search has {} prefixes of {} tokens left to follow, more than {}; shorten the "
          "answers, or use beam search",
          live_.size(), length - 1, options_.most_prefixes);
  }

  // Every token that can follow live prefix `r`, which makes `length` tokens.
  void extend(int32_t r, std::span<float> log_probabilities, int64_t length) {
    const Prefix& prefix = live_[static_cast<size_t>(r)];
    const int32_t sequence = prefix.row.sequence;
    apply(processors_, prefix.tokens, log_probabilities);
    for (int32_t token = 0; token < model_.vocab_size(); ++token) {
      const double total = prefix.log_probability + static_cast<double>(log_probabilities[static_cast<size_t>(token)]);
      if (!(total > kImpossible)) continue;
      std::vector<int32_t> tokens = prefix.tokens;
      tokens.push_back(token);
      const bool ends = token == options_.end_token;
      if (ends || length >= longest_[static_cast<size_t>(sequence)])
        offer(sequence, {std::move(tokens), total, score_(total, length), ends});
      else grown_.push_back({{r, token, sequence}, total, std::move(tokens)});
    }
  }

  void offer(int32_t sequence, Hypothesis found) {
    Hypothesis& best = best_[static_cast<size_t>(sequence)];
    const bool better = found.finished != best.finished ? found.finished : found.score > best.score;
    if (better) best = std::move(found);
  }

  bool can_win(const Prefix& prefix, int64_t length) const {
    const auto s = static_cast<size_t>(prefix.row.sequence);
    return !best_[s].finished || score_.bound(prefix.log_probability, length + 1, longest_[s]) > best_[s].score;
  }

  StepModel& model_;
  const ExactOptions& options_;
  const HypothesisScore score_;
  const std::vector<ScoreProcessor> processors_;
  std::vector<int64_t> longest_;  // of every sequence
  std::vector<Hypothesis> best_;  // of every sequence
  std::vector<Prefix> live_, grown_;
  std::vector<StepModel::Row> rows_;
};

}  // namespace

std::vector<Hypothesis> exact_search(StepModel& model, const ExactOptions& options) {
  return ExactSearch(model, options).run();
}

}  // namespace heddle::decode
