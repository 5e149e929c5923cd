// Stopping and going on gives bit for bit the weights of never having stopped.

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include "heddle/base/error.h"
#include "heddle/base/thread_loop.h"
#include "heddle/model/encoder_decoder.h"
#include "heddle/train/trainer.h"
#include "tests/model/tiny_batch.h"
#include "tests/places/temporary_folder.h"

namespace heddle::train {
namespace {

namespace fs = std::filesystem;
constexpr int kVocab = 19;

// Endless random batches; batch k is a function of k alone.
class RandomObjective : public Objective {
 public:
  explicit RandomObjective(const model::EncoderDecoder& model) : model_(model) {}
  DataPosition position() const override { return position_; }
  void seek(DataPosition position) override { position_ = position; }
  BatchCounts next_batch() override {
    RandomStream random(RandomKey{.seed = 5, .step = static_cast<uint64_t>(position_.batch++)});
    batch_ = model::random_batch(random, 6, kVocab, 6 * position_.batch);
    return {static_cast<int64_t>(batch_.source.ids.size()), static_cast<int64_t>(batch_.target_out.ids.size())};
  }
  int micro_batches() const override { return 1; }
  Tensor forward(int, const nn::Pass& pass, double scale, LossSums& sums) override {
    const ops::OutputLoss loss = model::batch_loss(model_, pass, batch_, scale);
    sums.loss += loss.loss_sum;
    return loss.loss;
  }

 private:
  const model::EncoderDecoder& model_;
  DataPosition position_;
  model::TinyBatch batch_;
};

struct Numbers {
  std::vector<float> weights, published;
};

// Runs up to `steps` in `folder`, after resuming what is there.
Numbers train_to(const fs::path& folder, int64_t steps, TrainConfig train = {}) {
  model::ModelConfig config;
  config.width = 16;
  config.encoder_layers = config.decoder_layers = 1;
  config.layer.ffn = 24;
  config.vocab_size = kVocab;
  config.max_length = 32;
  nn::Parameters parameters;
  const model::EncoderDecoder model(parameters, config);
  nn::WeightSet weights(parameters, DType::f32);
  parameters.initialize(weights, 1);
  RandomObjective objective(model);
  train.max_steps = steps;
  train.warmup_steps = 4;
  train.save_every = 3;
  train.log_every = 1;
  Numbers numbers;
  const auto copy = [](const nn::WeightSet& from, std::vector<float>& to) {
    to.assign(from.flat().span<float>().begin(), from.flat().span<float>().end());
  };
  const auto publish = [&](const nn::WeightSet& set) { copy(set, numbers.published); };
  Trainer trainer({parameters, weights, objective, nullptr, folder, publish}, train, ops::Compute::f32);
  trainer.resume();
  trainer.run();
  copy(weights, numbers.weights);
  return numbers;
}

std::vector<float> run_to(const fs::path& folder, int64_t steps) { return train_to(folder, steps).weights; }

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

TEST(Resume, NStepsEqualKAndTheRest) {
  const TemporaryFolder folder;
  const fs::path whole = folder / "resume_whole", parts = folder / "resume_parts";
  const auto unbroken = run_to(whole, 11);
  run_to(parts, 4);
  const auto resumed = run_to(parts, 11);
  EXPECT_TRUE(same_bits(unbroken, resumed));
  EXPECT_FALSE(same_bits(unbroken, run_to(folder / "resume_short", 10)));
}

TEST(Resume, AMovingAverageGoesOnToo) {
  const TemporaryFolder folder;
  TrainConfig averaged;
  averaged.ema_decay = 0.9;
  const Numbers whole = train_to(folder / "ema_whole", 8, averaged);
  EXPECT_TRUE(same_bits(whole.weights, run_to(folder / "ema_none", 8)));  // it only watches
  EXPECT_FALSE(same_bits(whole.weights, whole.published));
  const fs::path parts = folder / "ema_parts";
  train_to(parts, 4, averaged);
  EXPECT_TRUE(same_bits(whole.published, train_to(parts, 8, averaged).published));
}

TEST(Resume, ADamagedCheckpointIsSkipped) {
  const TemporaryFolder folder;
  const fs::path whole = folder / "damage_whole", broken = folder / "damage_broken";
  const auto unbroken = run_to(whole, 9);
  run_to(broken, 6);
  const fs::path newest = CheckpointFolder(broken / "checkpoints").all().back().path;
  std::fstream(newest / "model.safetensors", std::ios::in | std::ios::out | std::ios::binary).seekp(300).put('x');
  std::vector<std::string> warnings;
  const auto found =
      CheckpointFolder(broken / "checkpoints").newest([&](const std::string& why) { warnings.push_back(why); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->state.step, 3);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("hash"), std::string::npos);
  EXPECT_TRUE(same_bits(unbroken, run_to(broken, 9)));
}

TEST(Resume, AHalfWrittenCheckpointIsNotSeen) {
  const TemporaryFolder folder;
  CheckpointFolder checkpoints(folder / "half_written");
  EXPECT_THROW(checkpoints.save(
                   RunState(),
                   [](const fs::path& part) {
    std::ofstream(part / "model.safetensors") << "half";
    throw SystemError("no space left");
                   },
                   2),
               SystemError);
  EXPECT_FALSE(checkpoints.newest([](const std::string&) {}));
  EXPECT_TRUE(fs::is_empty(folder / "half_written"));
}

}  // namespace
}  // namespace heddle::train
