#include "heddle/lab/tasks/noisy_votes.h"

#include <algorithm>

namespace heddle::lab {

std::vector<double> NoisyVotes::posterior(std::span<const int32_t> source) const {
  const double other = (1 - agreement) / classes, right = agreement + other;
  std::vector<double> weight(static_cast<size_t>(classes), 1.0);
  for (const int32_t vote : source) weight[static_cast<size_t>(vote)] *= right / other;
  double total = 0;
  for (const double w : weight) total += w;
  for (double& w : weight) w /= total;
  return weight;
}

VotesSample draw(const NoisyVotes& task, int64_t examples, RandomStream& random) {
  const auto any = [&] { return static_cast<int32_t>(random.below(static_cast<uint64_t>(task.classes))); };
  VotesSample sample;
  std::vector<int32_t> votes(static_cast<size_t>(task.votes));
  for (int64_t i = 0; i < examples; ++i) {
    const int32_t truth = any();
    for (int32_t& vote : votes) vote = random.uniform() < task.agreement ? truth : any();
    int32_t label = truth;
    if (random.uniform() < task.wrong_labels)
      while (label == truth) label = any();
    sample.truth.push_back(truth);
    sample.labelled.source.add(i, votes);
    sample.labelled.target_in.add_shifted(i, 0, {&label, 1});
    sample.labelled.target_out.add(i, {&label, 1});
  }
  return sample;
}

double best_accuracy(const NoisyVotes& task, const VotesSample& sample) {
  double right = 0;
  for (size_t i = 0; i < sample.truth.size(); ++i) {
    const auto posterior = task.posterior(sample.labelled.source.sequence(static_cast<int64_t>(i)));
    right += std::ranges::max_element(posterior) - posterior.begin() == sample.truth[i];
  }
  return right / static_cast<double>(sample.truth.size());
}

data::TranslationBatch draw_batch(const data::TranslationBatch& examples, int64_t count, RandomStream& random) {
  data::TranslationBatch batch;
  for (int64_t drawn = 0; drawn < count; ++drawn) {
    const auto i = static_cast<int64_t>(random.below(static_cast<uint64_t>(examples.source.sequences())));
    batch.source.add(i, examples.source.sequence(i));
    batch.target_in.add(i, examples.target_in.sequence(i));
    batch.target_out.add(i, examples.target_out.sequence(i));
  }
  return batch;
}

}  // namespace heddle::lab
