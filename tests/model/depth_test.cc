// Depth: layers that share their weights, and activations dropped by blocks of layers.

#include <gtest/gtest.h>

#include "heddle/model/cost.h"
#include "heddle/model/layer_sharing.h"
#include "tests/model/tiny_model.h"

namespace heddle::model {
namespace {

ModelConfig deep(int64_t layers, int64_t share) {
  ModelConfig config = tiny_config();
  config.kind = "decoder_only";
  config.decoder_layers = layers;
  config.share_layers = share;
  return config;
}

int64_t weights_of(const ModelConfig& config) {
  nn::Parameters parameters;
  const EncoderDecoder model(parameters, config);
  return parameters.parameter_count();
}

TEST(SharedLayers, CountOnce) {
  const int64_t one = weights_of(deep(1, 1)), two = weights_of(deep(2, 1)), layer = two - one;
  EXPECT_EQ(weights_of(deep(6, 1)), one + 5 * layer);
  EXPECT_EQ(weights_of(deep(6, 2)), one + 2 * layer);
  EXPECT_EQ(weights_of(deep(6, 4)), one + layer);  // 0-3 and 4-5
  EXPECT_EQ(weights_of(deep(6, 6)), one);
  EXPECT_EQ(weights_of(deep(6, 100)), one);
  const int64_t lengths[] = {5};
  const BlockCost all = total(forward_cost(deep(6, 6), {}, lengths)),
                  apart = total(forward_cost(deep(6, 1), {}, lengths));
  EXPECT_EQ(all.parameters, one);
  EXPECT_EQ(all.operations, apart.operations);
}

// Shared layers against as many layers of equal weights: the same loss, and the sum of their gradients.
TEST(SharedLayers, SumTheGradientsOfEqualLayers) {
  TinyModel shared(deep(3, 3)), apart(deep(3, 1));
  for (const nn::ParameterInfo& info : apart.parameters.all())
    copy_into(shared.weights.of(shared.parameters.find(info.name)), apart.weights.of(apart.parameters.find(info.name)));
  RandomStream random({4, 0, 0, 0});
  const TinyBatch batch = random_batch(random, 3, kVocab);
  EXPECT_EQ(shared.loss(batch), apart.loss(batch));
  shared.add_gradients(batch);
  apart.add_gradients(batch);
  nn::WeightSet sum(shared.parameters, DType::f64);
  for (const nn::ParameterInfo& info : apart.parameters.all()) {
    const auto from = apart.gradients.of(apart.parameters.find(info.name)).span<double>();
    const auto to = sum.of(shared.parameters.find(info.name)).span<double>();
    for (size_t i = 0; i < to.size(); ++i) to[i] += from[i];
  }
  EXPECT_LE(relative(shared.gradients.flat(), sum.flat()), 1e-14);
}

// What has no weights may differ; what has is refused.
TEST(SharedLayers, AreAlike) {
  ModelConfig config = deep(2, 2);
  LayerOverride second;
  second.layers = "1";
  second.keys.dropout = 0.5;
  second.keys.attention_mask = "causal & window(2)";
  config.layers = {second};
  EXPECT_NO_THROW(validate(config));
  config.layers[0].keys.ffn = 7;
  try {
    validate(config);
    FAIL() << "was not refused";
  } catch (const InputError& refusal) {
    const std::string text = refusal.what();
    EXPECT_NE(text.find("model.share_layers = 2"), std::string::npos) << text;
    EXPECT_NE(text.find("model.layer"), std::string::npos) << text;
    EXPECT_NE(text.find("feed_forward"), std::string::npos) << text;
  }
}

int64_t peak_of(int64_t layers, int64_t blocks) {
  ModelConfig config = deep(layers, 1);
  config.layer.residual = "deepnorm";
  TinyModel tiny(config, DType::f32);
  tiny.checkpoint_blocks = blocks;
  RandomStream random({4, 0, 0, 0});
  const TinyBatch batch = random_batch(random, 128, kVocab);
  Arena arena;
  {
    ops::Tape tape(arena, {.eager_sink = &tiny.gradients});
    const nn::Pass pass = tiny.pass();
    const ops::OutputLoss loss = batch_loss(tiny.model, pass, batch);
    const ops::Seed seed{loss.loss, {}};
    tape.backward({&seed, 1}, tiny.gradients);
    EXPECT_TRUE(std::isfinite(loss.loss_sum));
  }
  return arena.peak_bytes();
}

// 512 layers by blocks of 8 need less than 64 layers whose activations are all kept.
TEST(CheckpointedBlocks, Train512LayersInBoundedMemory) {
  const int64_t deep = peak_of(512, 8), few = peak_of(64, 0);
  std::printf("activations of 512 layers by blocks of 8: %.1f MB; of 64 layers: %.1f MB\n",
              static_cast<double>(deep) / 1e6, static_cast<double>(few) / 1e6);
  EXPECT_LE(deep, few);
}

}  // namespace
}  // namespace heddle::model
