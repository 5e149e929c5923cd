#include "heddle/task/language_model.h"

#include <gtest/gtest.h>

#include <cmath>

#include "heddle/model/store.h"
#include "heddle/train/trainer.h"

namespace heddle::task {
namespace {

using Ids = std::vector<int32_t>;

model::ModelConfig small_decoder() {
  model::ModelConfig config;
  config.kind = "decoder_only";
  config.width = 32;
  config.decoder_layers = 1;
  config.layer.ffn = 48;
  config.layer.dropout = 0.0;
  config.max_length = 32;
  config.vocab_size = 12;
  return config;
}

// Questions of three ids whose answer is the second of them.
data::LanguageSet second_ids(int count, uint64_t seed) {
  RandomStream random(RandomKey{.seed = seed});
  data::LanguageSet set;
  for (int i = 0; i < count; ++i) {
    Ids ids;
    for (int k = 0; k < 3; ++k) ids.push_back(static_cast<int32_t>(3 + random.below(9)));
    ids.push_back(2);
    ids.push_back(ids[1]);
    set.add(1, ids, 4);
  }
  return set;
}

TEST(LanguageModel, AnUntrainedModelWithoutWeightsScoresEveryTokenAlike) {
  model::LoadedModel loaded(small_decoder());  // all weights zero
  const nn::Pass pass = {.parameters = loaded.parameters, .weights = loaded.weights, .random = {}};
  const data::LanguageSet set = second_ids(50, 1);
  const LanguageScore score = score_language(loaded.model, pass, set);
  EXPECT_EQ(score.sequences, 50);
  EXPECT_EQ(score.tokens, 50) << "only the answers are asked for";
  EXPECT_NEAR(score.nll, 50 * std::log(12.0), 1e-3);
  EXPECT_NEAR(score.perplexity(), 12, 1e-4);
  EXPECT_NEAR(score.bits_per_character(50), std::log2(12.0), 1e-5);
}

TEST(LanguageModel, LearnsWhatTheAnswerHangsOn) {
  model::LoadedModel loaded(small_decoder());
  loaded.parameters.initialize(loaded.weights, 1);
  const data::LanguageSet train_set = second_ids(400, 2);
  train::TrainConfig config;
  config.batch_tokens = 1000;
  config.learning_rate = 5e-3;
  config.warmup_steps = 20;
  config.schedule = "constant";
  config.label_smoothing = 0;
  TokenObjective objective(loaded.model, std::make_unique<LanguageExamples>(train_set), config);
  train::Trainer trainer({loaded.parameters, loaded.weights, objective, nullptr, "", [](const nn::WeightSet&) {}},
                         config, ops::Compute::f32);
  const train::MetricsLine first = trainer.step();
  EXPECT_EQ(first.target_tokens, 200) << "a batch of 1,000 tokens read asks for one in five";
  EXPECT_EQ(first.source_tokens, 0);
  for (int i = 0; i < 150; ++i) trainer.step();
  LanguageValidator validator(loaded.model, second_ids(100, 3), 0);
  const train::Validation found = validator.validate(loaded.parameters, loaded.weights);
  EXPECT_EQ(found.score_name, "exact");
  EXPECT_GT(found.score, 95);
  EXPECT_FALSE(found.lower_is_better);
}

TEST(LanguageModel, AValidationByCharactersIsBetterWhenLower) {
  train::Validation low = {.score = 1.5, .lower_is_better = true}, high = {.score = 20};
  EXPECT_TRUE(low.beats(1.6));
  EXPECT_FALSE(low.beats(1.5));
  EXPECT_FALSE(low.beats(1.4));
  EXPECT_TRUE(high.beats(19));
  EXPECT_FALSE(high.beats(21));
}

}  // namespace
}  // namespace heddle::task
