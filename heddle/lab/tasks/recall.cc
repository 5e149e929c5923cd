#include "heddle/lab/tasks/recall.h"

#include <algorithm>
#include <numeric>

#include "heddle/base/error.h"

namespace heddle::lab {
namespace {

// The first `count` of a random order of 0 … below - 1.
std::vector<int> some_of(RandomStream& random, int count, int below) {
  std::vector<int> all(static_cast<size_t>(below));
  std::iota(all.begin(), all.end(), 0);
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) std::swap(all[i], all[i + random.below(all.size() - i)]);
  all.resize(static_cast<size_t>(count));
  return all;
}

}  // namespace

RecallBatch recall_batch(const RecallTask& task, RandomStream& random, int64_t sequences) {
  HEDDLE_CHECK(task.facts <= task.keys && task.queries <= task.facts, "{} queries for {} facts with {} keys",
               task.queries, task.facts, task.keys);
  RecallBatch batch;
  std::vector<int32_t> source, asked, wanted;
  for (int64_t s = 0; s < sequences; ++s) {
    const std::vector<int> keys = some_of(random, task.facts, task.keys);
    std::vector<int> values;
    for (int i = 0; i < task.facts; ++i)
      values.push_back(static_cast<int>(random.below(static_cast<uint64_t>(task.values))));
    const std::vector<int> order = some_of(random, task.facts * task.copies, task.facts * task.copies);
    source.clear();
    for (const int entry : order) {
      const auto fact = static_cast<size_t>(entry % task.facts);
      source.push_back(task.fact_token(keys[fact], values[fact]));
    }
    asked.clear();
    wanted.clear();
    for (const int fact : some_of(random, task.queries, task.facts)) {
      asked.push_back(keys[static_cast<size_t>(fact)]);
      wanted.push_back(task.value_token(values[static_cast<size_t>(fact)]));
      for (size_t place = 0; place < order.size(); ++place)
        if (order[place] % task.facts == fact) batch.places.push_back(static_cast<int32_t>(place));
    }
    batch.tokens.source.add(s, source);
    batch.tokens.target_in.add(s, asked);
    batch.tokens.target_out.add(s, wanted);
  }
  return batch;
}

}  // namespace heddle::lab
