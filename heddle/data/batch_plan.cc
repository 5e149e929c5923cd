#include "heddle/data/batch_plan.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "heddle/base/error.h"
#include "heddle/base/random.h"

namespace heddle::data {
namespace {

// The end of the batch that starts at order[first].
size_t batch_end(std::span<const ExampleLength> lengths, const std::vector<int32_t>& order, size_t first,
                 int64_t batch_tokens) {
  int64_t source_tokens = 0, target_tokens = 0;
  size_t last = first;
  for (; last < order.size(); ++last) {
    const ExampleLength& length = lengths[static_cast<size_t>(order[last])];
    source_tokens += length.source;
    target_tokens += length.target;
    const bool fits = target_tokens <= batch_tokens && source_tokens / BatchPlan::kSourceShare <= batch_tokens;
    if (last > first && !fits) break;
  }
  return last;
}

}  // namespace

std::vector<ExampleLength> lengths_of(const TranslationSet& set) {
  std::vector<ExampleLength> lengths;
  lengths.reserve(static_cast<size_t>(set.size()));
  for (int64_t i = 0; i < set.size(); ++i) lengths.push_back({std::ssize(set.source(i)), std::ssize(set.target(i))});
  return lengths;
}

BatchPlan::BatchPlan(std::span<const ExampleLength> lengths, int64_t batch_tokens, uint64_t seed, int64_t epoch) {
  if (batch_tokens < 1) fail_input("train.batch_tokens = {} must be at least 1", batch_tokens);
  if (lengths.size() > std::numeric_limits<int32_t>::max())
    fail_input("{} examples are more than 2^31 - 1; train on a part of them", lengths.size());
  RandomStream random(RandomKey{.seed = seed, .step = static_cast<uint64_t>(epoch)}.at("data.shuffle"));
  std::vector<int32_t> order(lengths.size());
  std::iota(order.begin(), order.end(), 0);
  shuffle(std::span(order), random);
  // Source lengths vary within a target length; sorting by both keeps both streams even.
  std::ranges::stable_sort(order, {}, [&](int32_t i) {
    const ExampleLength& length = lengths[static_cast<size_t>(i)];
    return std::pair(length.target, length.source);
  });
  std::vector<std::pair<size_t, size_t>> cuts;
  for (size_t first = 0; first < order.size(); first = cuts.back().second)
    cuts.emplace_back(first, batch_end(lengths, order, first, batch_tokens));
  shuffle(std::span(cuts), random);
  for (const auto& [first, last] : cuts) {
    examples_.insert(examples_.end(), order.begin() + static_cast<long>(first),
                     order.begin() + static_cast<long>(last));
    offsets_.push_back(static_cast<int64_t>(examples_.size()));
  }
}

}  // namespace heddle::data
