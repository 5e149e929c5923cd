// What a vocabulary costs a training step with its optimizer: weights, gradients and both moments.
//
// Each step runs in a process of its own, whose peak resident memory the kernel reports.

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "heddle/base/thread_loop.h"
#include "heddle/train/trainer.h"
#include "tests/model/tiny_batch.h"

namespace heddle::train {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryIsOurs = false;  // a sanitizer's own memory would be measured
#else
constexpr bool kMemoryIsOurs = true;
#endif

constexpr const char* kCase = "HEDDLE_TRAINING_MEMORY_CASE";  // the vocabulary, for a started copy
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

double peak_megabytes(int64_t vocab) {
  const pid_t child = fork();
  if (child == 0) {
    setenv(kCase, std::to_string(vocab).c_str(), 1);
    execl("/proc/self/exe", "test_train", "--gtest_filter=TrainingMemory.TwoSteps", "--gtest_brief=1", nullptr);
    _exit(127);
  }
  int status = 0;
  rusage usage = {};
  wait4(child, &status, 0, &usage);
  EXPECT_EQ(status, 0);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

TEST(TrainingMemory, TwoSteps) {
  const char* wanted = std::getenv(kCase);
  if (!wanted) GTEST_SKIP() << "started by the other test of this file";
  two_steps(std::atoll(wanted));
}

TEST(TrainingMemory, GrowsWithTheVocabularyByWeightsGradientsAndMomentsOnly) {
  if (!kMemoryIsOurs) GTEST_SKIP() << "a sanitizer's own memory would be measured";
  const double growth = peak_megabytes(80000) - peak_megabytes(10000);
  // Of one shared table and the output's bias; the logits of a chunk of rows are bounded by size.
  const double expected = 4.0 * 70000 * (kWidth + 1) * 4 / (1 << 20);
  std::printf("10,000 to 80,000 words: %.1f MB more, %.1f MB of them weights, gradients and moments\n", growth,
              expected);
  EXPECT_LE(growth, 1.1 * expected + 2);
  EXPECT_GE(growth, 0.9 * expected - 2);
}

}  // namespace
}  // namespace heddle::train
