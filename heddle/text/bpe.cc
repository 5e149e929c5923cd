#include "heddle/text/bpe.h"

#include <queue>

namespace heddle::text {
namespace {

// A pair that may be joined: lowest rank first, then leftmost.
struct Candidate {
  int32_t rank;
  int32_t position;
  int32_t joined;
  int32_t left, right;  // the symbols it was made for

  bool operator>(const Candidate& other) const {
    return rank != other.rank ? rank > other.rank : position > other.position;
  }
};

}  // namespace

void Bpe::apply(std::vector<int32_t>& symbols) const {
  const auto count = static_cast<int32_t>(symbols.size());
  std::vector<int32_t> previous(symbols.size()), next(symbols.size());
  for (int32_t i = 0; i < count; ++i) {
    previous[static_cast<size_t>(i)] = i - 1;
    next[static_cast<size_t>(i)] = i + 1 < count ? i + 1 : -1;
  }
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
  const auto push = [&](int32_t position) {
    const int32_t after = next[static_cast<size_t>(position)];
    if (after < 0) return;
    const int32_t left = symbols[static_cast<size_t>(position)], right = symbols[static_cast<size_t>(after)];
    if (const Merge* merge = find(left, right)) queue.push({merge->rank, position, merge->joined, left, right});
  };
  for (int32_t i = 0; i + 1 < count; ++i) push(i);
  constexpr int32_t kGone = -1;
  while (!queue.empty()) {
    const Candidate best = queue.top();
    queue.pop();
    const auto at = static_cast<size_t>(best.position);
    const int32_t after = next[at];
    if (symbols[at] != best.left || after < 0 || symbols[static_cast<size_t>(after)] != best.right) continue;
    symbols[at] = best.joined;
    symbols[static_cast<size_t>(after)] = kGone;
    next[at] = next[static_cast<size_t>(after)];
    if (next[at] >= 0) previous[static_cast<size_t>(next[at])] = best.position;
    push(best.position);
    if (previous[at] >= 0) push(previous[at]);
  }
  std::erase(symbols, kGone);
}

}  // namespace heddle::text
