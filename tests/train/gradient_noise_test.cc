#include "heddle/train/gradient_noise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "heddle/base/error.h"
#include "heddle/base/random.h"
#include "heddle/train/trainer.h"
#include "tests/model/tiny_batch.h"
#include "tests/places/temporary_folder.h"

namespace heddle::train {
namespace {

double squared_norm(const std::vector<double>& x) {
  double sum = 0;
  for (const double value : x) sum += value * value;
  return sum;
}

// Gradients of tokens drawn around a known mean with a known variance.
TEST(GradientNoise, FindsAKnownNoiseScale) {
  constexpr int kWidth = 40, kPart = 8, kWhole = 24;
  constexpr double kMean = 0.1, kDeviation = 0.7;
  RandomStream random(RandomKey{.seed = 1});
  GradientNoise noise(0.9999);
  for (int step = 0; step < 4000; ++step) {
    std::vector<double> sum(kWidth, 0.0);
    double part = 0;
    for (int token = 1; token <= kWhole; ++token) {
      for (double& x : sum) x += kMean + kDeviation * random.normal();
      if (token == kPart) part = squared_norm(sum) / (kPart * kPart);
    }
    noise.add(part, kPart, squared_norm(sum) / (kWhole * kWhole), kWhole);
  }
  EXPECT_EQ(noise.steps(), 4000);
  EXPECT_NEAR(noise.squared_gradient(), kWidth * kMean * kMean, 0.02);
  EXPECT_NEAR(noise.trace(), kWidth * kDeviation * kDeviation, 0.5);
  ASSERT_TRUE(noise.scale());
  EXPECT_NEAR(*noise.scale(), kDeviation * kDeviation / (kMean * kMean), 4);
}

TEST(GradientNoise, SaysNothingOfWhatItCannotKnow) {
  GradientNoise noise;
  EXPECT_FALSE(noise.scale());
  noise.add(1, 16, 1, 16);  // the part is the whole
  EXPECT_EQ(noise.steps(), 0);
  noise.add(1.0, 8, 0.4, 16);  // halved by twice the tokens, and more: no gradient left
  EXPECT_EQ(noise.steps(), 1);
  EXPECT_FALSE(noise.scale());
}

constexpr int kVocab = 11;

// Two pieces of unequal size whose targets are all alike, so that their gradients agree.
class TwoPieces : public Objective {
 public:
  explicit TwoPieces(const model::EncoderDecoder& model) : model_(model) {
    RandomStream random(RandomKey{.seed = 2});
    for (int p = 0; p < 2; ++p)
      for (int i = 0; i < 3; ++i)
        pieces_[p].add(3 * p + i, model::random_ids(random, 5, kVocab),
                       std::vector<int32_t>(static_cast<size_t>(2 + p), 7));
  }
  DataPosition position() const override { return {}; }
  void seek(DataPosition) override {}
  BatchCounts next_batch() override { return {30, 6 + 9}; }
  int micro_batches() const override { return 2; }
  Tensor forward(int piece, const nn::Pass& pass, double scale, LossSums& sums) override {
    const ops::OutputLoss loss = model::batch_loss(model_, pass, pieces_[piece], scale);
    sums.loss += loss.loss_sum;
    sums.tokens += loss.tokens;
    return loss.loss;
  }

 private:
  const model::EncoderDecoder& model_;
  model::TinyBatch pieces_[2];
};

struct ShortRun {
  explicit ShortRun(const std::filesystem::path& folder, int64_t accumulate) : objective(model) {
    weights = parameters.make_set(DType::f32);
    parameters.initialize(weights, 1);
    TrainConfig train;
    train.max_steps = 3;
    train.log_every = 1;
    train.log_noise_scale = true;
    train.accumulate = accumulate;
    trainer.emplace(Trainer::Parts{parameters, weights, objective, nullptr, folder, [](const nn::WeightSet&) {}}, train,
                    ops::Compute::f32);
  }
  static model::ModelConfig config() {
    model::ModelConfig config;
    config.width = 16;
    config.encoder_layers = config.decoder_layers = 1;
    config.layer.ffn = 24;
    config.layer.dropout = 0.0;
    config.vocab_size = kVocab;
    return config;
  }
  // Squared norm and tokens of the mean gradient over the first `pieces` pieces.
  std::pair<double, double> mean_gradient(int pieces) {
    nn::SummedGradients gradients(parameters, weights);
    Arena arena;
    LossSums sums;
    for (int piece = 0; piece < pieces; ++piece) {
      ops::Tape tape(arena);
      const ops::Seed seed{
          objective.forward(piece, {.parameters = parameters, .weights = weights, .random = {}, .training = true}, 1,
                            sums),
          {}};
      tape.backward({&seed, 1}, gradients);
    }
    const auto tokens = static_cast<double>(sums.tokens);
    return {nn::sum_of_squares(gradients.flat()) / (tokens * tokens), tokens};
  }

  nn::Parameters parameters;
  model::EncoderDecoder model{parameters, config()};
  nn::WeightSet weights{parameters, DType::f32};
  TwoPieces objective;
  std::optional<Trainer> trainer;
};

TEST(GradientNoise, TheTrainerTakesItFromTheFirstPieceAndTheBatch) {
  ShortRun run("", 2);
  const auto [part, part_tokens] = run.mean_gradient(1);
  const auto [whole, whole_tokens] = run.mean_gradient(2);
  GradientNoise expected;
  expected.add(part, part_tokens, whole, whole_tokens);
  ASSERT_TRUE(expected.scale());
  const MetricsLine line = run.trainer->step();
  ASSERT_TRUE(line.noise_scale);
  EXPECT_NEAR(*line.noise_scale, *expected.scale(), 1e-3 * *expected.scale());
}

TEST(GradientNoise, IsWrittenIntoTheLog) {
  const TemporaryFolder folder;
  ShortRun run(folder.path(), 2);
  run.trainer->run();
  std::ifstream file(folder / "metrics.jsonl");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_NE(text.str().find("\"noise_scale\":"), std::string::npos) << text.str();
}

TEST(GradientNoise, OnePieceIsNotEnough) { EXPECT_THROW(ShortRun("", 1), InputError); }

}  // namespace
}  // namespace heddle::train
