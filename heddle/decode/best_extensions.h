#pragma once
// The best ways in which the hypotheses of one beam can go on.
//
// Kept sorted, at most `most` of them; ties go to the lower token, then the lower parent. Almost all of a
// vocabulary is refused, a block at a time, by comparisons with the worst kept.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
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
    worst_ = kLowest;
  }

  // Every token after a hypothesis of log-probability `so_far`.
  void offer(double so_far, int32_t parent, std::span<const float> log_probabilities) {
    constexpr size_t kBlock = 64;
    for (size_t first = 0; first < log_probabilities.size(); first += kBlock) {
      const auto block = log_probabilities.subspan(first, std::min(kBlock, log_probabilities.size() - first));
      // A little less than what reaches the worst kept: rounding refuses nothing.
      const double needed = worst_ - so_far - 1e-6 * (std::abs(worst_) + std::abs(so_far));
      const auto least = static_cast<float>(std::max(needed, kLowest));
      unsigned promising = 0;
      for (float log_probability : block) promising |= static_cast<unsigned>(log_probability >= least);
      if (promising == 0) continue;
      for (size_t i = 0; i < block.size(); ++i)
        offer({so_far + static_cast<double>(block[i]), parent, static_cast<int32_t>(first + i)});
    }
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
  // No log-probability above minus infinity is less, in either format.
  static constexpr double kLowest = std::numeric_limits<float>::lowest();

  bool full() const { return best_.size() == most_; }

  size_t most_ = 0;
  double worst_ = 0;
  std::vector<Extension> best_;
};

}  // namespace heddle::decode
