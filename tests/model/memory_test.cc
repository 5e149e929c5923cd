// What a training step costs in memory: no n×n matrix of scores, no [tokens, vocab] matrix of logits.
//
// Each step runs in a process of its own, which tells its peak resident memory.

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "heddle/base/thread_loop.h"
#include "heddle/nn/gradients.h"
#include "tests/model/tiny_batch.h"
#include "tests/places/places.h"
#include "tests/places/started_copy.h"

namespace heddle::model {
namespace {

ModelConfig config_of(const std::string& kind, int64_t vocab) {
  ModelConfig config;
  config.kind = kind;
  config.width = 32;
  config.encoder_layers = config.decoder_layers = 1;
  config.layer.heads = 1;
  config.layer.ffn = 64;
  config.max_length = 8192;
  config.vocab_size = vocab;
  return config;
}

// Forward and backward of one pair of sequences of `length` tokens; without a model when `length` is 0.
void step(const ModelConfig& config, int length, int64_t* weight_bytes = nullptr) {
  set_thread_count(2);
  nn::Parameters parameters;
  const EncoderDecoder model(parameters, config);
  nn::WeightSet weights(parameters, DType::f32);
  parameters.initialize(weights, 1);
  if (weight_bytes) *weight_bytes = weights.flat().bytes();
  if (length == 0) return;
  nn::SummedGradients gradients(parameters, weights);
  RandomStream random({1, 0, 0, 0});
  TinyBatch batch;
  batch.add(0, random_ids(random, length, 1000), random_ids(random, length, 1000));
  Arena arena;
  const nn::Pass pass = {.parameters = parameters, .weights = weights, .random = {}, .training = true};
  ops::Tape tape(arena, {.eager_sink = &gradients});
  const ops::Seed seed{batch_loss(model, pass, batch).loss, {}};
  tape.backward({&seed, 1}, gradients);
}

double peak_megabytes(const std::string& kind, int64_t vocab, int length) {
  return peak_megabytes_of("Memory.OneStep", fmt::format("{} {} {}", kind, vocab, length));
}

TEST(Memory, OneStep) {
  const char* wanted = started_case();
  if (!wanted) GTEST_SKIP() << "started by the other tests of this file";
  std::istringstream words(wanted);
  std::string kind;
  int64_t vocab = 0;
  int length = 0;
  ASSERT_TRUE(words >> kind >> vocab >> length);
  step(config_of(kind, vocab), length);
  tell_peak();
}

TEST(Memory, OfAStartedProgramCountsNothingOfItsParent) {
  if (!memory_is_ours()) GTEST_SKIP() << "a sanitizer's own memory would be measured";
  constexpr double kMegabytes = 400;
  const std::vector<char> held(static_cast<size_t>(kMegabytes) << 20, 'x');
  EXPECT_LE(peak_megabytes("decoder_only", 1000, 0), kMegabytes);
}

TEST(Memory, GrowsInProportionToTheLength) {
  if (!memory_is_ours()) GTEST_SKIP() << "a sanitizer's own memory would be measured";
  for (const char* kind : {"decoder_only", "encoder_decoder"}) {
    const double idle = peak_megabytes(kind, 1000, 0);
    const double four = peak_megabytes(kind, 1000, 4096), eight = peak_megabytes(kind, 1000, 8192);
    std::printf("%s: %.0f MB at 4096 tokens, %.0f MB at 8192 (%.0f MB of program)\n", kind, four, eight, idle);
    EXPECT_LE(eight / four, 2.2);
    EXPECT_LE((eight - idle) / (four - idle), 2.2) << "without the program's own memory";
    // One matrix of scores would be 256 MB for each head.
    EXPECT_LE(eight - idle, 200);
  }
}

TEST(Memory, GrowsWithTheVocabularyByWeightsAndGradientsOnly) {
  if (!memory_is_ours()) GTEST_SKIP() << "a sanitizer's own memory would be measured";
  constexpr int kTokens = 2048;
  const char* kind = "decoder_only";
  const double growth = peak_megabytes(kind, 80000, kTokens) - peak_megabytes(kind, 10000, kTokens);
  int64_t small_bytes = 0, large_bytes = 0;
  step(config_of(kind, 10000), 0, &small_bytes);
  step(config_of(kind, 80000), 0, &large_bytes);
  // A step holds weights and gradients; the moments belong to the optimizer.
  const double expected = 2 * static_cast<double>(large_bytes - small_bytes) / (1 << 20);
  std::printf("10,000 to 80,000 words: %.1f MB more, %.1f MB of them weights and gradients\n", growth, expected);
  EXPECT_LE(growth, 1.1 * expected + 2);
  EXPECT_GE(growth, 0.75 * expected - 2) << "the rest of a step varies with the processor, but a measure must see them";
}

}  // namespace
}  // namespace heddle::model
