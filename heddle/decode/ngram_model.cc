#include "heddle/decode/ngram_model.h"

#include <algorithm>
#include <cmath>

#include "heddle/base/error.h"

namespace heddle::decode {

NgramModel::NgramModel(int32_t vocab_size, int order, double add)
    : vocab_size_(vocab_size), longest_history_(static_cast<size_t>(std::max(order, 1)) - 1), add_(add) {
  if (vocab_size < 1 || order < 1 || !(add > 0))
    fail_input("an n-gram needs a vocabulary, an order of at least 1 and a positive constant, got {}, {} and {}",
               vocab_size, order, add);
  probabilities_.resize(static_cast<size_t>(vocab_size));
}

bool NgramModel::Before::operator()(std::span<const int32_t> a, std::span<const int32_t> b) const {
  return std::ranges::lexicographical_compare(a, b);
}

void NgramModel::check_token(int32_t token) const {
  if (token < 0 || token >= vocab_size_)
    fail_input("the token {} is not in the n-gram's vocabulary of {} tokens", token, vocab_size_);
}

void NgramModel::push(History& history, int32_t token) const {
  history.push_back(token);
  if (history.size() > longest_history_) history.erase(history.begin());
}

void NgramModel::count(std::span<const int32_t> tokens, int32_t start_token) {
  check_token(start_token);
  std::ranges::for_each(tokens, [&](int32_t token) { check_token(token); });
  History history;
  push(history, start_token);
  for (int32_t token : tokens) {
    for (size_t skip = 0; skip <= history.size(); ++skip) {
      Counts& counts = counts_[History(history.begin() + static_cast<std::ptrdiff_t>(skip), history.end())];
      counts.total += 1;
      counts.of_token[token] += 1;
    }
    push(history, token);
  }
}

// From the shortest history to the longest, each smoothed by the one before.
void NgramModel::predict(std::span<const int32_t> history) {
  std::ranges::fill(probabilities_, 1.0 / vocab_size_);
  for (size_t size = 0; size <= history.size(); ++size) {
    const auto found = counts_.find(history.last(size));
    if (found == counts_.end()) return;  // a longer history was not seen either
    const double total = found->second.total + add_;
    for (double& p : probabilities_) p *= add_ / total;
    for (const auto& [token, count] : found->second.of_token)
      probabilities_[static_cast<size_t>(token)] += count / total;
  }
}

std::span<float> NgramModel::step(std::span<const Row> rows) {
  log_probabilities_.clear();
  // Grown only: a history that is not in use keeps its memory.
  if (next_.size() < rows.size()) next_.resize(rows.size());
  for (size_t r = 0; r < rows.size(); ++r) {
    History& history = next_[r];
    history.clear();
    if (rows[r].parent >= 0) history = live_[static_cast<size_t>(rows[r].parent)];
    push(history, rows[r].token);
    predict(history);
    for (double p : probabilities_) log_probabilities_.push_back(std::min(0.0f, static_cast<float>(std::log(p))));
  }
  live_.swap(next_);
  return log_probabilities_;
}

}  // namespace heddle::decode
