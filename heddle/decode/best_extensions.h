#pragma once
// The best ways in which the hypotheses of one beam can go on.
//
// Kept sorted, at most `most` of them; ties go to the lower token, then the lower parent. Almost every
// offer of a vocabulary is refused by one comparison with the worst kept.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace heddle::decode {

struct Extension {
  double log_probability;  // of the whole hypothesis, this token included
  int32_t parent;          // index among the live hypotheses
  int32_t token;

  bool better_than(const Extension& other) const {
    if (log_probability != other.log_probability) return log_probability > other.log_probability;
    return token != other.token ? token < other.token : parent < other.parent;
  }
};

class BestExtensions {
 public:
  void clear(size_t most) {
    most_ = most;
    best_.clear();
    worst_ = std::numeric_limits<double>::lowest();
  }

  // What cannot come (minus infinity) or is no number is never kept.
  void offer(const Extension& extension) {
    if (!(extension.log_probability >= worst_)) return;
    if (full() && !extension.better_than(best_.back())) return;
    const auto better = [](const Extension& a, const Extension& b) { return a.better_than(b); };
    best_.insert(std::ranges::upper_bound(best_, extension, better), extension);
    if (best_.size() > most_) best_.pop_back();
    if (full()) worst_ = best_.back().log_probability;
  }

  // Best first.
  const std::vector<Extension>& sorted() const { return best_; }

 private:
  bool full() const { return best_.size() == most_; }

  size_t most_ = 0;
  double worst_ = 0;
  std::vector<Extension> best_;
};

}  // namespace heddle::decode
