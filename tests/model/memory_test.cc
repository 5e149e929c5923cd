// What a training step costs in memory: no n×n matrix of scores, no [tokens, vocab] matrix of logits.
//
// Each step runs in a process of its own, which tells its peak resident memory.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "heddle/base/memory.h"
#include "heddle/base/thread_loop.h"
#include "heddle/nn/gradients.h"
#include "tests/model/tiny_batch.h"

namespace heddle::model {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryIsOurs = false;  // a sanitizer's own memory would be measured
#else
constexpr bool kMemoryIsOurs = true;
#endif

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

// "kind vocab length pipe": what a started copy of this program runs instead of its tests, and where to it writes its
// peak. The system's own count of a child begins with the memory of this process, from which it was forked.
constexpr const char* kCase = "HEDDLE_MEMORY_CASE";

double peak_megabytes(const std::string& kind, int64_t vocab, int length) {
  std::array<int, 2> ends = {};
  if (pipe(ends.data()) != 0) ADD_FAILURE() << "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    setenv(kCase, fmt::format("{} {} {} {}", kind, vocab, length, ends[1]).c_str(), 1);
    execl("/proc/self/exe", "test_model", "--gtest_filter=Memory.OneStep", "--gtest_brief=1", nullptr);
    _exit(127);
  }
  close(ends[1]);
  int64_t peak = 0;
  EXPECT_EQ(read(ends[0], &peak, sizeof(peak)), static_cast<ssize_t>(sizeof(peak)));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  return static_cast<double>(peak) / (1 << 20);
}

TEST(Memory, OneStep) {
  const char* wanted = std::getenv(kCase);
  if (!wanted) GTEST_SKIP() << "started by the other tests of this file";
  std::istringstream words(wanted);
  std::string kind;
  int64_t vocab = 0;
  int length = 0, pipe = -1;
  ASSERT_TRUE(words >> kind >> vocab >> length >> pipe);
  step(config_of(kind, vocab), length);
  const int64_t peak = peak_rss_bytes();
  ASSERT_EQ(write(pipe, &peak, sizeof(peak)), static_cast<ssize_t>(sizeof(peak)));
}

TEST(Memory, OfAStartedProgramCountsNothingOfItsParent) {
  if (!kMemoryIsOurs) GTEST_SKIP() << "a sanitizer's own memory would be measured";
  constexpr double kMegabytes = 400;
  const std::vector<char> held(static_cast<size_t>(kMegabytes) << 20, 'x');
  EXPECT_LE(peak_megabytes("decoder_only", 1000, 0), kMegabytes);
}

TEST(Memory, GrowsInProportionToTheLength) {
  if (!kMemoryIsOurs) GTEST_SKIP() << "a sanitizer's own memory would be measured";
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
  if (!kMemoryIsOurs) GTEST_SKIP() << "a sanitizer's own memory would be measured";
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
  EXPECT_GE(growth, 0.9 * expected - 2);
}

}  // namespace
}  // namespace heddle::model
