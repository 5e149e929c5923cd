#include "heddle/lab/tokenwise.h"

#include "heddle/lab/numbers.h"
#include "heddle/task/transformer_steps.h"

namespace heddle::lab {
namespace {

// The last row of every target sequence.
std::vector<double> last_rows(const Learner& learner, const data::TranslationBatch& batch) {
  const Tensor rows = learner.log_probabilities(batch);
  std::vector<double> last;
  for (int64_t s = 0; s < batch.target_in.sequences(); ++s) {
    const int64_t end = batch.target_in.offsets[static_cast<size_t>(s) + 1];
    const std::vector<double> row = numbers_of(rows.row_range(end - 1, end));
    last.insert(last.end(), row.begin(), row.end());
  }
  return last;
}

}  // namespace

std::vector<double> cached_log_probabilities(const Learner& learner, const data::TranslationBatch& batch,
                                             nn::Probe* probe) {
  const auto vocab = static_cast<size_t>(learner.model().config().vocab_size);
  std::vector<std::vector<int32_t>> sources;
  for (int64_t s = 0; s < batch.source.sequences(); ++s) {
    const auto ids = batch.source.sequence(s);
    sources.emplace_back(ids.begin(), ids.end());
  }
  task::TransformerSteps steps(learner.model(), learner.pass(false, probe), sources);
  std::vector<double> all(static_cast<size_t>(batch.target_in.tokens()) * vocab);
  std::vector<int32_t> parent(sources.size(), -1);  // row of each sequence in the step before
  for (size_t t = 0;; ++t) {
    std::vector<decode::StepModel::Row> rows;
    for (size_t s = 0; s < sources.size(); ++s) {
      const auto target = batch.target_in.sequence(static_cast<int64_t>(s));
      if (t >= target.size()) continue;  // this one has ended
      rows.push_back({parent[s], target[t], static_cast<int32_t>(s)});
      parent[s] = static_cast<int32_t>(rows.size()) - 1;
    }
    if (rows.empty()) return all;
    const std::span<float> step = steps.step(rows);
    for (size_t r = 0; r < rows.size(); ++r) {
      const size_t to = static_cast<size_t>(batch.target_in.offsets[static_cast<size_t>(rows[r].sequence)]) + t;
      std::copy_n(step.begin() + static_cast<int64_t>(r * vocab), vocab,
                  all.begin() + static_cast<int64_t>(to * vocab));
    }
  }
}

std::vector<double> prefix_log_probabilities(const Learner& learner, const data::TranslationBatch& batch) {
  data::TranslationBatch prefixes;
  for (int64_t s = 0; s < batch.source.sequences(); ++s)
    for (size_t length = 1; length <= batch.target_in.sequence(s).size(); ++length) {
      prefixes.source.add(s, batch.source.sequence(s));
      prefixes.target_in.add(s, batch.target_in.sequence(s).first(length));
    }
  return last_rows(learner, prefixes);
}

std::vector<std::vector<int32_t>> greedy_by_prefixes(const Learner& learner, const data::PackedSequences& source,
                                                     int32_t start, int64_t tokens) {
  std::vector<std::vector<int32_t>> targets(static_cast<size_t>(source.sequences()), {start});
  const int64_t vocab = learner.model().config().vocab_size;
  for (int64_t t = 0; t < tokens; ++t) {
    data::TranslationBatch next;
    next.source = source;
    for (size_t s = 0; s < targets.size(); ++s) next.target_in.add(static_cast<int64_t>(s), targets[s]);
    const std::vector<double> rows = last_rows(learner, next);
    for (size_t s = 0; s < targets.size(); ++s) {
      const auto row = rows.begin() + static_cast<int64_t>(s) * vocab;
      targets[s].push_back(static_cast<int32_t>(std::max_element(row, row + vocab) - row));
    }
  }
  for (auto& target : targets) target.erase(target.begin());
  return targets;
}

}  // namespace heddle::lab
