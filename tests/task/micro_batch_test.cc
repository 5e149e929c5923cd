// A batch that is worked on in pieces takes the same step as the whole, dropout included, and one that was made ahead
// by another thread the same as one made when it is needed.

#include <gtest/gtest.h>

#include "heddle/model/store.h"
#include "heddle/task/translation.h"
#include "heddle/train/trainer.h"

namespace heddle::task {
namespace {

data::TranslationSet random_pairs(int count, int vocab) {
  RandomStream random({8, 0, 0, 0});
  data::TranslationSet set;
  const auto sequence = [&] {
    std::vector<int32_t> ids(1 + random.below(20));
    for (int32_t& id : ids) id = static_cast<int32_t>(3 + random.below(static_cast<uint64_t>(vocab) - 3));
    return ids;
  };
  for (int i = 0; i < count; ++i) {
    const std::vector<int32_t> source = sequence(), target = sequence();
    set.add(source, target);
  }
  return set;
}

// Steps from a place in the data on, with batches made by other threads.
std::vector<double> steps_from(train::DataPosition place, int64_t loader_threads, int steps) {
  model::ModelConfig config;
  config.width = 16;
  config.layer.ffn = 16;
  config.layer.dropout = 0.3;
  config.max_length = 64;
  config.vocab_size = 40;
  model::LoadedModel loaded(config);
  loaded.parameters.initialize(loaded.weights, 1);
  const data::TranslationSet set = random_pairs(60, 40);
  train::TrainConfig train;
  train.batch_tokens = 100;
  train.accumulate = 2;
  train.loader_threads = loader_threads;
  TranslationObjective objective(loaded.model, set, 1, train);
  objective.seek(place);
  train::Trainer trainer({loaded.parameters, loaded.weights, objective, nullptr, "", [](const nn::WeightSet&) {}},
                         train, ops::Compute::f32);
  std::vector<double> found;
  for (int step = 0; step < steps; ++step) {
    const train::MetricsLine line = trainer.step();
    found.insert(found.end(), {line.loss, line.grad_norm, static_cast<double>(line.target_tokens)});
  }
  EXPECT_GT(objective.position().epoch, place.epoch + 1);
  EXPECT_EQ(trainer.state().step, steps);
  return found;
}

TEST(LoaderThreads, ChangeNoBatch) {
  for (const train::DataPosition place : {train::DataPosition{0, 0}, train::DataPosition{1, 3}}) {
    const auto expected = steps_from(place, 0, 24);
    for (const int64_t threads : {1, 3}) EXPECT_EQ(steps_from(place, threads, 24), expected) << threads << " threads";
  }
}

std::vector<train::MetricsLine> first_steps(int64_t pieces, int64_t seed, double r_drop = 0, double dropout = 0.3) {
  model::ModelConfig config;
  config.width = 32;
  config.layer.ffn = 48;
  config.layer.dropout = dropout;
  config.max_length = 64;
  config.vocab_size = 40;
  model::LoadedModel loaded(config);
  loaded.parameters.initialize(loaded.weights, 1);
  const data::TranslationSet set = random_pairs(100, 40);
  train::TrainConfig train;
  train.batch_tokens = 400;
  train.accumulate = pieces;
  train.r_drop = r_drop;
  train.seed = seed;
  train.learning_rate = 1e-4;
  TranslationObjective objective(loaded.model, set, 1, train);
  train::Trainer trainer({loaded.parameters, loaded.weights, objective, nullptr, "", [](const nn::WeightSet&) {}},
                         train, ops::Compute::f32);
  std::vector<train::MetricsLine> lines;
  for (int step = 0; step < 3; ++step) lines.push_back(trainer.step());
  return lines;
}

TEST(MicroBatches, AStepInPiecesEqualsTheWhole) {
  const auto whole = first_steps(1, 1);
  for (int64_t pieces : {2, 5}) {
    const auto split = first_steps(pieces, 1);
    for (size_t i = 0; i < whole.size(); ++i) {
      EXPECT_EQ(split[i].target_tokens, whole[i].target_tokens);
      EXPECT_NEAR(split[i].loss, whole[i].loss, 1e-5 * whole[i].loss) << pieces << " pieces, step " << i;
      EXPECT_NEAR(split[i].grad_norm, whole[i].grad_norm, 1e-4 * whole[i].grad_norm) << pieces << " pieces, step " << i;
    }
  }
}

TEST(MicroBatches, ABatchReadTwiceCanBeWorkedOnInPiecesToo) {
  const auto once = first_steps(1, 1), whole = first_steps(1, 1, 5), split = first_steps(3, 1, 5);
  for (size_t i = 0; i < whole.size(); ++i) {
    EXPECT_EQ(whole[i].target_tokens, once[i].target_tokens) << "tokens of the data, not of both copies";
    EXPECT_NEAR(split[i].loss, whole[i].loss, 1e-5 * whole[i].loss) << i;
    EXPECT_NEAR(split[i].grad_norm, whole[i].grad_norm, 1e-4 * whole[i].grad_norm) << i;
  }
}

// Without dropout both predictions are the same one: the step is that of the batch read once.
TEST(MicroBatches, WithoutDropoutReadingTwiceChangesNothing) {
  const auto once = first_steps(1, 1, 0, 0), twice = first_steps(1, 1, 5, 0), with_dropout = first_steps(1, 1, 5);
  for (size_t i = 0; i < once.size(); ++i) {
    EXPECT_NEAR(twice[i].loss, once[i].loss, 1e-5 * once[i].loss) << i;
    EXPECT_NEAR(twice[i].grad_norm, once[i].grad_norm, 1e-4 * once[i].grad_norm) << i;
    EXPECT_GT(with_dropout[i].loss, 1.001 * once[i].loss) << i;
  }
}

// Every step draws masks of its own: the loss of a batch that comes again is another.
TEST(MicroBatches, EveryStepDrawsOtherMasks) {
  model::ModelConfig config;
  config.width = 32;
  config.layer.ffn = 48;
  config.layer.dropout = 0.3;
  config.vocab_size = 40;
  model::LoadedModel loaded(config);
  loaded.parameters.initialize(loaded.weights, 1);
  const data::TranslationSet set = random_pairs(10, 40);
  train::TrainConfig train;
  train.batch_tokens = 10000;
  train.learning_rate = 1e-12;
  TranslationObjective objective(loaded.model, set, 1, train);
  train::Trainer trainer({loaded.parameters, loaded.weights, objective, nullptr, "", [](const nn::WeightSet&) {}},
                         train, ops::Compute::f32);
  const double first = trainer.step().loss, second = trainer.step().loss;
  EXPECT_GT(std::abs(first - second), 1e-4 * first);
}

}  // namespace
}  // namespace heddle::task
