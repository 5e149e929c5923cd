// A model folder: Hugging Face's keys for others, the `heddle` object for us, all weights by name.

#include "heddle/model/store.h"

#include <gtest/gtest.h>

#include <fstream>

#include <nlohmann/json.hpp>

#include "heddle/base/config.h"
#include "heddle/model/describe.h"
#include "heddle/model/safetensors.h"
#include "tests/base/sentence.h"
#include "tests/places/temporary_folder.h"

namespace heddle::model {
namespace {

namespace fs = std::filesystem;

ModelConfig small_config() {
  ModelConfig config;
  config.width = 12;
  config.encoder_layers = 1;
  config.decoder_layers = 3;
  config.layer.heads = 3;
  config.layer.ffn = 20;
  config.encoder.norm = "rms";
  config.layers.push_back({.stack = "decoder", .layers = "1", .keys = {}});
  config.layers.back().keys.ffn = 28;
  config.max_length = 40;
  config.vocab_size = 17;
  return config;
}

std::string text_of(ModelConfig config) {
  return config_as_toml([&](ConfigVisitor& v) { describe(config, v); });
}

TEST(Store, TheConfigHasKeysForOthersAndAllOfOurs) {
  const TemporaryFolder folder;
  save_config(folder.path(), small_config());
  const auto json = nlohmann::json::parse(std::ifstream(folder.path() / "config.json"));
  EXPECT_EQ(json.at("model_type"), "heddle");
  EXPECT_EQ(json.at("is_encoder_decoder"), true);
  EXPECT_EQ(json.at("d_model"), 12);
  EXPECT_EQ(json.at("vocab_size"), 17);
  EXPECT_EQ(json.at("encoder_layers"), 1);
  EXPECT_EQ(json.at("decoder_layers"), 3);
  EXPECT_EQ(json.at("max_position_embeddings"), 40);
  EXPECT_EQ(json.at("tie_word_embeddings"), true);
  EXPECT_TRUE(json.at("heddle").is_object());
  EXPECT_EQ(text_of(load_config(folder.path())), text_of(small_config()));
}

TEST(Store, AModelComesBackBitForBit) {
  const TemporaryFolder folder;
  LoadedModel written(small_config());
  written.parameters.initialize(written.weights, 5);
  save_config(folder.path(), small_config());
  save_weights(folder.path() / "model.safetensors", written.parameters, written.weights);
  const auto read = load_model(folder.path());
  ASSERT_EQ(read->weights.flat().count(), written.weights.flat().count());
  for (int64_t i = 0; i < written.weights.flat().count(); ++i)
    ASSERT_EQ(read->weights.flat().data<float>()[i], written.weights.flat().data<float>()[i]);
  const Safetensors stored(folder.path() / "model.safetensors");
  EXPECT_EQ(stored.names().size(), written.parameters.all().size()) << "tied weights once";
}

// Rows of int8 take a quarter of the place, and what they give is the same.
TEST(Store, AModelOfInt8RowsComesBackAsItWasUsed) {
  const TemporaryFolder folder;
  ModelConfig config = small_config();
  config.tie_embeddings = false;
  config.embedding.kind = "int8";
  LoadedModel written(config);
  written.parameters.initialize(written.weights, 5);
  save_config(folder.path(), config);
  save_weights(folder.path() / "model.safetensors", written.parameters, written.weights, WeightForm::as_used);
  const std::string name = "decoder.embedding.source0.table.weight";
  EXPECT_EQ(Safetensors(folder.path() / "model.safetensors").at(name).dtype(), DType::i8);
  const auto read = load_model(folder.path());
  const std::vector<int32_t> ids = {3, 0, 5}, offsets = {0, 3}, position = {0, 1, 2};
  const std::vector<int64_t> example(3);
  const auto vectors = [&](const LoadedModel& model) {
    return model.model.target_embedding().forward(
        {.parameters = model.parameters, .weights = model.weights, .random = {}}, ids, {offsets, example, position});
  };
  const Tensor a = vectors(written), b = vectors(*read);
  for (int64_t i = 0; i < a.count(); ++i) ASSERT_EQ(a.data<float>()[i], b.data<float>()[i]);
  save_weights(folder.path() / "model.safetensors", read->parameters, read->weights);
  EXPECT_EQ(Safetensors(folder.path() / "model.safetensors").at(name).dtype(), DType::f32);
}

TEST(Store, WeightsThatDoNotFitTheConfigAreSentences) {
  const TemporaryFolder folder;
  LoadedModel written(small_config());
  save_weights(folder.path() / "model.safetensors", written.parameters, written.weights);
  const auto refusal = [&](const ModelConfig& config) {
    return sentence_of([&] {
      LoadedModel other(config);
      load_weights(folder.path() / "model.safetensors", other.parameters, other.weights);
    });
  };
  ModelConfig wider = small_config(), more = small_config(), fewer = small_config();
  wider.layer.ffn = 24;
  more.decoder_layers = 4;
  fewer.decoder_layers = 2;
  EXPECT_TRUE(contains(refusal(wider), "feed_forward.first.weight has the shape")) << refusal(wider);
  EXPECT_TRUE(contains(refusal(more), "decoder.layers.3.")) << refusal(more);
  EXPECT_TRUE(contains(refusal(fewer), "is unknown to the config beside it")) << refusal(fewer);
}

}  // namespace
}  // namespace heddle::model
