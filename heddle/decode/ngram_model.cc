#include "heddle/decode/ngram_model.h"

#include <cmath>
#include <numeric>

#include "heddle/base/error.h"

namespace heddle::decode {

NgramModel::NgramModel(int32_t vocab_size, int order, double add) : vocab_size_(vocab_size), order_(order), add_(add) {
  HEDDLE_CHECK(order >= 1 && add > 0, "an n-gram needs an order >= 1 and a positive constant, got {} and {}", order, add);
}

NgramModel::History NgramModel::cut(History history) const {
  const auto most = static_cast<size_t>(order_ - 1);
  if (history.size() > most) history.erase(history.begin(), history.end() - static_cast<long>(most));
  return history;
}

void NgramModel::count(std::span<const int32_t> tokens, int32_t start_token) {
  History history = cut({start_token});
  for (int32_t token : tokens) {
    std::vector<double>& counts = counts_[history];
    counts.resize(static_cast<size_t>(vocab_size_));
    counts[static_cast<size_t>(token)] += 1;
    history.push_back(token);
    history = cut(std::move(history));
  }
}

void NgramModel::step(std::span<const Row> rows, float* log_probabilities) {
  std::vector<History> next;
  for (const Row& row : rows) {
    History history = row.parent >= 0 ? live_[static_cast<size_t>(row.parent)] : History{};
    history.push_back(row.token);
    history = cut(std::move(history));
    const auto found = counts_.find(history);
    const double total = found == counts_.end() ? 0.0 : std::accumulate(found->second.begin(), found->second.end(), 0.0);
    for (int32_t token = 0; token < vocab_size_; ++token) {
      const double count = found == counts_.end() ? 0.0 : found->second[static_cast<size_t>(token)];
      *log_probabilities++ = static_cast<float>(std::log((count + add_) / (total + add_ * vocab_size_)));
    }
    next.push_back(std::move(history));
  }
  live_ = std::move(next);
}

}  // namespace heddle::decode
