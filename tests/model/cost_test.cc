#include "heddle/model/cost.h"

#include <gtest/gtest.h>

#include <map>

#include "heddle/base/error.h"
#include "heddle/kernels/operation_count.h"
#include "tests/model/tiny_model.h"

namespace heddle::model {
namespace {

const BlockCost& block(const std::vector<BlockCost>& blocks, const std::string& name) {
  for (const BlockCost& one : blocks)
    if (one.name == name) return one;
  throw Error("no block " + name);
}

// Width 4, two heads, inner 6, ten words; three source and two target tokens.
TEST(Cost, OfAModelCountedByHand) {
  ModelConfig config;
  config.width = 4;
  config.encoder_layers = config.decoder_layers = 1;
  config.layer.heads = 2;
  config.layer.ffn = 6;
  config.vocab_size = 10;
  const std::vector<int64_t> source = {3}, target = {2};
  const auto blocks = forward_cost(config, source, target);
  ASSERT_EQ(blocks.size(), 8u);
  const BlockCost& embedding = block(blocks, "encoder.embedding");
  EXPECT_EQ(embedding.parameters, 40);
  EXPECT_EQ(embedding.operations, 24);  // 12 numbers scaled, and a position added
  EXPECT_EQ(block(blocks, "decoder.embedding").parameters, 0) << "one table";
  const BlockCost& self = block(blocks, "encoder.layers.0.self_attention");
  EXPECT_EQ(self.parameters, 4 * (16 + 4) + 8);
  // Four projections of 3·4·4 multiply-adds; 9 pairs, 4 numbers each, for the score and for the sum.
  EXPECT_EQ(self.operations, 2 * (4 * 48 + 2 * 9 * 4));
  EXPECT_EQ(self.activation_bytes, 4 * (36 + 12 + 6 + 12));  // q, k, v; mixed; log-sums; output
  EXPECT_EQ(self.bytes, 4 * (88 + 12 + 66));
  EXPECT_EQ(block(blocks, "decoder.layers.0.self_attention").operations, 2 * (4 * 32 + 2 * 3 * 4)) << "3 pairs of 4";
  const BlockCost& cross = block(blocks, "decoder.layers.0.cross_attention");
  EXPECT_EQ(cross.operations, 2 * (2 * 32 + 2 * 48 + 2 * 6 * 4));
  EXPECT_EQ(cross.activation_bytes, 4 * (8 + 24 + 8 + 4 + 8));
  const BlockCost& ffn = block(blocks, "encoder.layers.0.feed_forward");
  EXPECT_EQ(ffn.parameters, 24 + 6 + 24 + 4 + 8);
  EXPECT_EQ(ffn.operations, 2 * 2 * 3 * 24);
  EXPECT_EQ(ffn.activation_bytes, 4 * (18 + 12));
  EXPECT_EQ(block(blocks, "output").operations, 2 * 2 * 40);
  EXPECT_EQ(block(blocks, "output").parameters, 10);
}

std::vector<ModelConfig> various() {
  std::vector<ModelConfig> all(4, tiny_config());
  all[1].layer.norm_place = "pre";
  all[1].layer.norm = "rms";
  all[1].tie_embeddings = false;
  all[1].layer.head_width = 5;
  all[2].kind = "decoder_only";
  all[2].position = "learned";
  all[2].layer.norm_place = "pre";
  all[3].position = "none";
  LayerOverride& other = all[3].layers.emplace_back();
  other.stack = "decoder";
  other.layers = "1";
  other.keys.heads = 2;
  other.keys.ffn = 44;
  for (ModelConfig& config : all) {
    config.layer.dropout = 0.0;
    config.max_length = 1024;
  }
  return all;
}

TEST(Cost, ParametersAreThoseOfTheModel) {
  for (const ModelConfig& config : various()) {
    const TinyModel tiny(config);
    EXPECT_EQ(total(forward_cost(config, {}, {})).parameters, tiny.parameters.parameter_count());
  }
}

struct Counted {
  int64_t products, attention, embedding;
};

Counted counted(const ModelConfig& config, const std::vector<int64_t>& source, const std::vector<int64_t>& target) {
  TinyModel tiny(config, DType::f32);
  RandomStream random(RandomKey{.seed = 4});
  TinyBatch batch;
  for (size_t i = 0; i < target.size(); ++i)
    batch.add(static_cast<int64_t>(i), random_ids(random, static_cast<int>(source.empty() ? 1 : source[i]), kVocab),
              random_ids(random, static_cast<int>(target[i]), kVocab));
  Arena arena;
  const ops::Tape tape(arena);  // as in training: no weight is packed for few rows
  const kernels::OperationCount count;
  batch_loss(tiny.model, tiny.pass(), batch);
  return {count.of(kernels::Operation::matrix_product), count.of(kernels::Operation::attention),
          count.of(kernels::Operation::embedding)};
}

TEST(Cost, OperationsAreThoseThatAreDone) {
  for (const ModelConfig& config : various()) {
    const bool translates = config.kind == "encoder_decoder";
    const std::vector<int64_t> source = translates ? std::vector<int64_t>{7, 1, 40} : std::vector<int64_t>{},
                               target = {5, 9, 30};
    const Counted done = counted(config, source, target);
    // A causal tile that the mask cuts is done whole; these sequences are of one tile each.
    int64_t cut = 0;
    for (int64_t i = 0; i < config.decoder_layers; ++i) {
      const int64_t inner = resolve_layer(config, Stack::decoder, i).self_attention.inner();
      for (const int64_t n : target) cut += 4 * inner * n * (n - 1) / 2;
    }
    EXPECT_EQ(total(forward_cost(config, source, target)).operations,
              done.products + done.attention + done.embedding - cut);
  }
}

TEST(Cost, ALongCausalSequenceIsDoneNearlyByHalf) {
  ModelConfig config = various()[2];
  const std::vector<int64_t> target = {960};
  const Counted done = counted(config, {}, target);
  int64_t pairs_cost = 0;
  for (int64_t i = 0; i < config.decoder_layers; ++i) pairs_cost += 4 * 12 * 960 * 961 / 2;
  EXPECT_GE(done.attention, pairs_cost);
  EXPECT_LE(static_cast<double>(done.attention), 1.2 * static_cast<double>(pairs_cost));
}

// What the arena holds after a forward pass on a tape, in whole size classes.
void expect_kept_activations(const char* activation) {
  constexpr int64_t kTokens = 160, kWidth = 64, kInner = 256;
  ModelConfig config;
  config.kind = "decoder_only";
  config.width = kWidth;
  config.decoder_layers = 1;
  config.layer.heads = 4;
  config.layer.ffn = kInner;
  config.layer.dropout = 0.0;
  config.layer.ffn_kind = activation;
  config.vocab_size = 10;
  const std::vector<int64_t> lengths = {kTokens};
  const auto blocks = forward_cost(config, {}, lengths);

  nn::Parameters parameters;
  const nn::LayerConfig layer = resolve_layer(config, Stack::decoder, 0);
  const nn::SelfAttention attention(parameters, "self_attention", 0, layer.self_attention);
  const nn::FeedForward feed_forward(parameters, "feed_forward", 0, layer.feed_forward);
  nn::WeightSet weights(parameters, DType::f32);
  parameters.initialize(weights, 1);
  const nn::Pass pass = {.parameters = parameters, .weights = weights, .random = {}, .training = true};
  TinyStream stream;
  stream.add(0, std::vector<int32_t>(kTokens, 1));
  const Tensor x = Tensor::zeros({kTokens, kWidth}, DType::f32);
  const auto kept = [&](auto&& forward) {
    Arena arena;
    const ops::Tape tape(arena);
    const Tensor y = forward();
    return static_cast<double>(arena.bytes_in_use());
  };
  std::map<std::string, double> measured;
  measured["decoder.layers.0.self_attention"] =
      kept([&] { return attention.forward(pass, x, stream.rows(), kernels::Mask::causal()); });
  measured["decoder.layers.0.feed_forward"] = kept([&] { return feed_forward.forward(pass, x, stream.rows()); });
  for (const auto& [name, bytes] : measured) {
    const auto predicted = static_cast<double>(block(blocks, name).activation_bytes);
    EXPECT_GE(bytes, predicted) << name;
    EXPECT_LE(bytes, 1.15 * predicted + 4096) << name;
  }
}

TEST(Cost, ActivationsAreThoseThatAreKept) {
  for (const char* activation : {"relu", "gelu"}) {
    SCOPED_TRACE(activation);
    expect_kept_activations(activation);
  }
}

TEST(Cost, SourcesAndTargetsMakePairs) {
  ModelConfig config = tiny_config();
  const std::vector<int64_t> one = {3}, two = {3, 4};
  EXPECT_THROW(forward_cost(config, one, two), InputError);
  config.kind = "decoder_only";
  EXPECT_THROW(forward_cost(config, one, one), InputError);
  config.layer.heads = 5;
  EXPECT_THROW(forward_cost(config, {}, one), InputError);
}

}  // namespace
}  // namespace heddle::model
