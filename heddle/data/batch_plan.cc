#include "heddle/data/batch_plan.h"

#include <algorithm>
#include <numeric>

#include "heddle/base/random.h"

namespace heddle::data {
namespace {

template <class T>
void shuffle(std::vector<T>& values, RandomStream& random) {
  for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random.below(i)]);
}

}  // namespace

BatchPlan::BatchPlan(const TranslationSet& set, int64_t batch_tokens, uint64_t seed, int64_t epoch) {
  RandomStream random(RandomKey{.seed = seed, .step = static_cast<uint64_t>(epoch)}.at("data.shuffle"));
  std::vector<int32_t> order(static_cast<size_t>(set.size()));
  std::iota(order.begin(), order.end(), 0);
  shuffle(order, random);
  // Source lengths vary within a target length; sorting by both keeps both streams even.
  std::ranges::stable_sort(order, {}, [&](int32_t i) { return std::pair(set.target(i).size(), set.source(i).size()); });
  std::vector<std::pair<size_t, size_t>> cuts;
  for (size_t first = 0; first < order.size();) {
    size_t last = first;
    int64_t tokens = 0;
    while (last < order.size()) {
      const int64_t next = std::ssize(set.target(order[last]));
      if (last > first && tokens + next > batch_tokens) break;
      tokens += next;
      ++last;
    }
    cuts.emplace_back(first, last);
    first = last;
  }
  shuffle(cuts, random);
  for (const auto& [first, last] : cuts) {
    examples_.insert(examples_.end(), order.begin() + static_cast<long>(first), order.begin() + static_cast<long>(last));
    offsets_.push_back(static_cast<int64_t>(examples_.size()));
  }
}

}  // namespace heddle::data
