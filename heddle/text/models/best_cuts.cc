#include "heddle/text/models/best_cuts.h"

#include <algorithm>
#include <queue>

#include "heddle/base/error.h"

namespace heddle::text {

void BestSums::add(const std::vector<double>& addends) {
  constexpr size_t kMostSteps = size_t{1} << 26;
  if (addends.size() == 1) {
    steps_.emplace_back();
    for (double& sum : sums_) sum += addends[0];
    return;
  }
  struct Candidate {
    double sum;
    uint32_t before, addend;
    bool operator<(const Candidate& other) const {
      if (sum != other.sum) return sum < other.sum;
      return std::pair(before, addend) > std::pair(other.before, other.addend);
    }
  };
  const auto candidate = [&](uint32_t before, uint32_t addend) {
    return Candidate{sums_[before] + addends[addend], before, addend};
  };
  // Each row `before` falls along its addends and each first column along `before`: what comes next is next to what
  // came.
  std::priority_queue<Candidate> candidates;
  candidates.push(candidate(0, 0));
  std::vector<double> sums;
  std::vector<Step> steps;
  while (!candidates.empty() && sums.size() < most_) {
    const Candidate best = candidates.top();
    candidates.pop();
    sums.push_back(best.sum);
    steps.push_back({best.before, best.addend});
    if (best.addend == 0 && best.before + 1 < sums_.size()) candidates.push(candidate(best.before + 1, 0));
    if (best.addend + 1 < addends.size()) candidates.push(candidate(best.before, best.addend + 1));
  }
  steps_count_ += steps.size();
  if (steps_count_ > kMostSteps)
    fail_input(
        "the {} most probable ways to cut a text of so many pieces take more than 512 MB; ask for fewer, or cut it "
        "first",
        most_);
  sums_ = std::move(sums);
  steps_.push_back(std::move(steps));
}

std::vector<uint32_t> BestSums::addends(int64_t i) const {
  std::vector<uint32_t> chosen(steps_.size());
  auto at = static_cast<size_t>(i);
  for (size_t list = steps_.size(); list-- > 0;) {
    if (steps_[list].empty()) continue;
    chosen[list] = steps_[list][at].addend;
    at = steps_[list][at].before;
  }
  return chosen;
}

void BestCuts::add(std::string_view piece, bool as_bytes) {
  cuts_.push_back(model_.best_cuts(piece, as_bytes, most_));
  std::vector<double> scores;
  for (const ScoredCut& cut : cuts_.back()) scores.push_back(cut.score);
  sums_.add(scores);
}

std::vector<std::vector<Token>> BestCuts::way(int64_t i) const {
  std::vector<std::vector<Token>> tokens;
  const std::vector<uint32_t> chosen = sums_.addends(i);
  for (size_t piece = 0; piece < chosen.size(); ++piece) tokens.push_back(cuts_[piece][chosen[piece]].tokens);
  return tokens;
}

}  // namespace heddle::text
