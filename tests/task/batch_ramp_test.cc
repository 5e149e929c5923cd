// Batches that grow from epoch to epoch: train.batch_tokens_first and train.batch_ramp_epochs.

#include <gtest/gtest.h>

#include "heddle/base/error.h"
#include "heddle/model/store.h"
#include "heddle/task/translation.h"

namespace heddle::task {
namespace {

data::TranslationSet sequences_of_ten(int count) {
  data::TranslationSet set;
  const std::vector<int32_t> ids(10, 5);
  for (int i = 0; i < count; ++i) set.add(ids, ids);
  return set;
}

model::ModelConfig small_model() {
  model::ModelConfig config;
  config.width = 16;
  config.layer.ffn = 16;
  config.max_length = 16;
  config.vocab_size = 10;
  return config;
}

// The largest batch of an epoch.
int64_t most_tokens(TranslationObjective& objective, int64_t epoch) {
  objective.seek({epoch, 0});
  int64_t most = 0;
  while (objective.position().epoch == epoch) most = std::max(most, objective.next_batch().target_tokens);
  return most;
}

TEST(BatchRamp, BatchesGrowFromEpochToEpoch) {
  const model::LoadedModel loaded(small_model());
  const data::TranslationSet set = sequences_of_ten(100);
  train::TrainConfig config;
  config.batch_tokens = 500;
  config.batch_tokens_first = 100;
  config.batch_ramp_epochs = 4;
  TranslationObjective objective(loaded.model, set, 1, config);
  for (int64_t epoch = 0; epoch < 6; ++epoch)
    EXPECT_EQ(most_tokens(objective, epoch), std::min<int64_t>(500, 100 + 100 * epoch)) << "epoch " << epoch;
  EXPECT_EQ(most_tokens(objective, 1), 200) << "a resumed run has the batches of its epoch";
}

TEST(BatchRamp, WithoutItBatchesAreAlike) {
  const model::LoadedModel loaded(small_model());
  const data::TranslationSet set = sequences_of_ten(100);
  train::TrainConfig config;
  config.batch_tokens = 300;
  TranslationObjective objective(loaded.model, set, 1, config);
  EXPECT_EQ(most_tokens(objective, 0), 300);
  config.batch_tokens_first = 301;
  EXPECT_THROW(TranslationObjective(loaded.model, set, 1, config), InputError);
}

}  // namespace
}  // namespace heddle::task
