// What the config says of a layer is what the model is built of.

#include <gtest/gtest.h>

#include "heddle/model/describe.h"
#include "heddle/model/encoder_decoder.h"

namespace heddle::model {
namespace {

TEST(Overrides, EveryLayerIsBuiltAsItsOverridesSay) {
  ModelConfig config;
  read_config(R"(
width = 12
encoder_layers = 2
decoder_layers = 3
heads = 3
ffn = 20
vocab_size = 7
[encoder]
ffn = 30
[decoder]
head_width = 5
[decoder.cross]
head_width = 2
heads = 6
[[layer]]
layers = "1"
ffn = 40
[[layer]]
stack = "decoder"
layers = "every 2"
heads = 2
norm = "rms"
)",
              "model.toml", {}, [&](ConfigVisitor& v) { describe(config, v); });
  nn::Parameters parameters;
  const EncoderDecoder model(parameters, config);
  const auto rows = [&](const std::string& name) {
    const nn::ParameterId id = parameters.find(name + ".weight");
    EXPECT_NE(id, nn::kNoParameter) << name;
    return id == nn::kNoParameter ? 0 : parameters.info(id).shape.rows();
  };
  for (int i = 0; i < 2; ++i) {
    const std::string layer = fmt::format("encoder.layers.{}.", i);
    EXPECT_EQ(rows(layer + "feed_forward.first"), i == 1 ? 40 : 30);
    EXPECT_EQ(rows(layer + "self_attention.qkv"), 3 * 12);
  }
  for (int i = 0; i < 3; ++i) {
    const std::string layer = fmt::format("decoder.layers.{}.", i);
    const bool even = i % 2 == 0;
    EXPECT_EQ(rows(layer + "feed_forward.first"), i == 1 ? 40 : 20) << layer;
    EXPECT_EQ(rows(layer + "self_attention.qkv"), 3 * 5 * (even ? 2 : 3)) << layer;
    EXPECT_EQ(rows(layer + "cross_attention.query"), 6 * 2) << layer;
    EXPECT_EQ(parameters.find(layer + "feed_forward.norm.bias") == nn::kNoParameter, even) << layer;
  }
}

}  // namespace
}  // namespace heddle::model
