// What a vocabulary costs a training step with its optimizer: weights, gradients and both moments.
//
// Each step runs in a process of its own, which tells its peak resident memory.

#include <gtest/gtest.h>

#include <string>

#include "heddle/base/thread_loop.h"
#include "heddle/train/trainer.h"
#include "tests/model/tiny_batch.h"
#include "tests/places/places.h"
#include "tests/places/started_copy.h"

namespace heddle::train {
namespace {

constexpr int64_t kWidth = 64;

// The same four random pairs for ever.
class OneBatch : public Objective {
 public:
  explicit OneBatch(const model::EncoderDecoder& model) : model_(model) {
    RandomStream random({1, 0, 0, 0});
    for (int i = 0; i < 4; ++i)
      batch_.add(i, model::random_ids(random, 512, 1000), model::random_ids(random, 512, 1000));
  }
  DataPosition position() const override { return {}; }
  void seek(DataPosition) override {}
  BatchCounts next_batch() override { return {2048, 2048}; }
  int micro_batches() const override { return 1; }
  Tensor forward(int, const nn::Pass& pass, double scale, LossSums& sums) override {
    const ops::OutputLoss loss = model::batch_loss(model_, pass, batch_, scale);
    sums.loss += loss.loss_sum;
    return loss.loss;
  }

 private:
  const model::EncoderDecoder& model_;
  model::TinyBatch batch_;
};

void two_steps(int64_t vocab) {
  set_thread_count(2);
  model::ModelConfig config;
  config.width = kWidth;
  config.encoder_layers = config.decoder_layers = 1;
  config.layer.ffn = 64;
  config.vocab_size = vocab;
  nn::Parameters parameters;
  const model::EncoderDecoder model(parameters, config);
  nn::WeightSet weights(parameters, DType::f32);
  parameters.initialize(weights, 1);
  OneBatch batches(model);
  TrainConfig train;
  train.clip_norm = 1e-3;
  Trainer trainer({parameters, weights, batches, nullptr, "", [](const nn::WeightSet&) {}}, train, ops::Compute::f32);
  trainer.step();
  trainer.step();
}

double peak_megabytes(int64_t vocab) { return peak_megabytes_of("TrainingMemory.TwoSteps", std::to_string(vocab)); }

TEST(TrainingMemory, TwoSteps) {
  const char* wanted = started_case();
  if (!wanted) GTEST_SKIP() << "started by the other test of this file";
  two_steps(std::stoll(wanted));
  tell_peak();
}

TEST(TrainingMemory, GrowsWithTheVocabularyByWeightsGradientsAndMomentsOnly) {
  if (!memory_is_ours()) GTEST_SKIP() << "a sanitizer's own memory would be measured";
  const double growth = peak_megabytes(80000) - peak_megabytes(10000);
  // Of one shared table and the output's bias; the logits of a chunk of rows are bounded by size.
  const double expected = 4.0 * 70000 * (kWidth + 1) * 4 / (1 << 20);
  std::printf("10,000 to 80,000 words: %.1f MB more, %.1f MB of them weights, gradients and moments\n", growth,
              expected);
  EXPECT_LE(growth, 1.1 * expected + 2);
  EXPECT_GE(growth, 0.75 * expected - 2) << "the rest of a step varies with the processor, but a measure must see them";
}

}  // namespace
}  // namespace heddle::train
