#include "heddle/data/batch_plan.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "heddle/base/error.h"
#include "heddle/base/random.h"

namespace heddle::data {
namespace {

// The end of the batch that starts at order[first].
size_t batch_end(const TranslationSet& set, const std::vector<int32_t>& order, size_t first, int64_t batch_tokens) {
  int64_t source_tokens = 0, target_tokens = 0;
  size_t last = first;
  for (; last < order.size(); ++last) {
    source_tokens += std::ssize(set.source(order[last]));
    target_tokens += std::ssize(set.target(order[last]));
    const bool fits = target_tokens <= batch_tokens && source_tokens / BatchPlan::kSourceShare <= batch_tokens;
    if (last > first && !fits) break;
  }
  return last;
}

}  // namespace

BatchPlan::BatchPlan(const TranslationSet& set, int64_t batch_tokens, uint64_t seed, int64_t epoch) {
  if (batch_tokens < 1) fail_input("train.batch_tokens = {} must be at least 1", batch_tokens);
  if (set.size() > std::numeric_limits<int32_t>::max())
    fail_input("{} sentence pairs are more than 2^31 - 1; train on a part of them", set.size());
  RandomStream random(RandomKey{.seed = seed, .step = static_cast<uint64_t>(epoch)}.at("data.shuffle"));
  std::vector<int32_t> order(static_cast<size_t>(set.size()));
  std::iota(order.begin(), order.end(), 0);
  shuffle(std::span(order), random);
  // Source lengths vary within a target length; sorting by both keeps both streams even.
  std::ranges::stable_sort(order, {}, [&](int32_t i) { return std::pair(set.target(i).size(), set.source(i).size()); });
  std::vector<std::pair<size_t, size_t>> cuts;
  for (size_t first = 0; first < order.size(); first = cuts.back().second)
    cuts.emplace_back(first, batch_end(set, order, first, batch_tokens));
  shuffle(std::span(cuts), random);
  for (const auto& [first, last] : cuts) {
    examples_.insert(examples_.end(), order.begin() + static_cast<long>(first),
                     order.begin() + static_cast<long>(last));
    offsets_.push_back(static_cast<int64_t>(examples_.size()));
  }
}

}  // namespace heddle::data
