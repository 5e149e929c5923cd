#include "heddle/text/models/merges.h"

#include <algorithm>
#include <queue>
#include <utility>

namespace heddle::text {
namespace {

// Pieces of so few symbols are joined by looking at all pairs each time; longer ones by a queue.
constexpr size_t kShort = 24;

// A pair that may be joined: lowest rank first, then leftmost.
struct Candidate {
  int32_t rank;
  int32_t position;
  int32_t joined;

  bool operator>(const Candidate& other) const {
    return rank != other.rank ? rank > other.rank : position > other.position;
  }
};

struct Never {
  bool operator()() const { return false; }
};

}  // namespace

void Merges::grow() {
  const std::vector<Merge> old = std::move(slots_);
  slots_.assign(old.size() * 2, Merge{});
  mask_ = slots_.size() - 1;
  filter_.assign(filter_.size() * 2, 0);
  --filter_shift_;
  count_ = 0;
  for (const Merge& merge : old)
    if (merge.left >= 0) add(merge.left, merge.right, merge.rank, merge.joined);
}

void Merges::add(int32_t left, int32_t right, int32_t rank, int32_t joined) {
  if (2 * (count_ + 1) > slots_.size()) grow();
  const uint64_t mixed = mix(left, right);
  size_t at = mixed & mask_;
  while (slots_[at].left >= 0 && !(slots_[at].left == left && slots_[at].right == right)) at = (at + 1) & mask_;
  count_ += slots_[at].left < 0;
  slots_[at] = {left, right, rank, joined};
  filter_[mixed >> filter_shift_] |= filter_bits(mixed);
}

void Merges::apply(std::vector<Symbol>& symbols) const { apply_to(symbols, Never()); }

void Merges::apply(std::vector<Symbol>& symbols, double dropout, RandomStream& random) const {
  apply_to(symbols, [&] { return random.uniform() < dropout; });
}

void Merges::apply(std::vector<Symbol>& symbols, const Saw& saw) const { apply_by_queue(symbols, Never(), &saw); }

template <class PassesOver>
void Merges::apply_to(std::vector<Symbol>& symbols, PassesOver passes_over) const {
  if (symbols.size() < 2) return;
  if (symbols.size() <= kShort) apply_short(symbols, passes_over);
  else apply_by_queue(symbols, passes_over);
}

template <class PassesOver>
void Merges::apply_short(std::vector<Symbol>& symbols, PassesOver passes_over) const {
  const Merge* merges[kShort];  // of each symbol with the next; nullptr: none
  size_t count = symbols.size();
  for (size_t i = 0; i + 1 < count; ++i) merges[i] = find(symbols[i].id, symbols[i + 1].id);
  // The first of the merges that `may`.
  const auto best_where = [&](auto&& may) {
    size_t best = count;
    for (size_t i = 0; i + 1 < count; ++i)
      if (merges[i] && (best == count || merges[i]->rank < merges[best]->rank) && may(i)) best = i;
    return best;
  };
  while (count > 1) {
    size_t best = best_where([](size_t) { return true; });
    while (best < count && passes_over()) {
      const auto was = std::pair(merges[best]->rank, best);
      best = best_where([&](size_t i) { return std::pair(merges[i]->rank, i) > was; });
    }
    if (best == count) break;
    symbols[best] = {merges[best]->joined, symbols[best].length + symbols[best + 1].length};
    for (size_t i = best + 1; i + 1 < count; ++i) {
      symbols[i] = symbols[i + 1];
      merges[i] = merges[i + 1];
    }
    --count;
    if (best + 1 < count) merges[best] = find(symbols[best].id, symbols[best + 1].id);
    if (best > 0) merges[best - 1] = find(symbols[best - 1].id, symbols[best].id);
  }
  symbols.resize(count);
}

template <class PassesOver>
void Merges::apply_by_queue(std::vector<Symbol>& symbols, PassesOver passes_over, const Saw* saw) const {
  const auto count = static_cast<int32_t>(symbols.size());
  std::vector<int32_t> previous(symbols.size()), next(symbols.size());
  for (int32_t i = 0; i < count; ++i) {
    previous[static_cast<size_t>(i)] = i - 1;
    next[static_cast<size_t>(i)] = i + 1 < count ? i + 1 : -1;
  }
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
  std::vector<Candidate> passed_over;
  const auto find_at = [&](int32_t position) -> const Merge* {
    const int32_t after = next[static_cast<size_t>(position)];
    return after < 0 ? nullptr
                     : find(symbols[static_cast<size_t>(position)].id, symbols[static_cast<size_t>(after)].id);
  };
  const auto push = [&](int32_t position) {
    const Merge* merge = find_at(position);
    if (!merge) return;
    queue.push({merge->rank, position, merge->joined});
    if (saw) (*saw)(merge->left, merge->right, merge->joined);
  };
  for (int32_t i = 0; i + 1 < count; ++i) push(i);
  constexpr uint32_t kGone = 0;
  while (!queue.empty()) {
    const Candidate best = queue.top();
    queue.pop();
    const auto at = static_cast<size_t>(best.position);
    const Merge* merge = symbols[at].length == kGone ? nullptr : find_at(best.position);
    if (!merge || merge->joined != best.joined) continue;  // its symbols were joined with others
    if (passes_over()) {
      passed_over.push_back(best);
      continue;
    }
    for (const Candidate& candidate : passed_over) queue.push(candidate);
    passed_over.clear();
    const auto after = static_cast<size_t>(next[at]);
    symbols[at] = {best.joined, symbols[at].length + symbols[after].length};
    symbols[after].length = kGone;
    next[at] = next[after];
    if (next[at] >= 0) previous[static_cast<size_t>(next[at])] = best.position;
    if (previous[at] >= 0) push(previous[at]);
    push(best.position);
  }
  std::erase_if(symbols, [](const Symbol& symbol) { return symbol.length == kGone; });
}

}  // namespace heddle::text
