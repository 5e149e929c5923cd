// Residual streams: they start as the pre-norm residual, dynamic or not, and what cannot be is refused.

#include <gtest/gtest.h>

#include "tests/base/sentence.h"
#include "tests/model/tiny_model.h"

namespace heddle::model {
namespace {

ModelConfig with_residual(const char* kind, const char* residual) {
  ModelConfig config = tiny_config();
  config.kind = kind;
  config.layer.norm_place = "pre";
  config.layer.residual = residual;
  return config;
}

Tensor states_at_the_start(const ModelConfig& config) {
  nn::Parameters parameters;
  const EncoderDecoder model(parameters, config);
  nn::WeightSet weights(parameters, DType::f64);
  parameters.initialize(weights, 3);
  RandomStream random({5, 0, 0, 0});
  const TinyBatch batch = random_batch(random, 3, kVocab);
  const nn::Pass pass = {.parameters = parameters, .weights = weights, .random = {1, 2, 0, 0}, .training = true};
  const Tensor memory = model.has_encoder() ? model.encode(pass, batch.source.stream()) : Tensor();
  return keep(model.decode(pass, batch.target_in.stream(), memory, batch.source.rows()));
}

TEST(HyperConnections, StartAsThePreNormResidual) {
  for (const char* kind : {"encoder_decoder", "decoder_only"}) {
    const Tensor plain = states_at_the_start(with_residual(kind, "plain"));
    for (const int64_t streams : {2, 5})
      for (const bool dynamic : {false, true}) {
        ModelConfig config = with_residual(kind, "hyper_connections");
        config.hyper_streams = streams;
        config.hyper_dynamic = dynamic;
        EXPECT_LE(relative(states_at_the_start(config), plain), 1e-13) << kind << " " << streams << " " << dynamic;
      }
  }
}

TEST(HyperConnections, RefuseWhatHasNoMeaning) {
  const auto refusal = [](auto&& change) {
    ModelConfig config = with_residual("decoder_only", "hyper_connections");
    change(config);
    return sentence_of([&] { validate(config); });
  };
  const std::string post = refusal([](ModelConfig& c) { c.layer.norm_place = "post"; });
  EXPECT_NE(post.find("model.norm_place"), std::string::npos) << post;
  const std::string mixed = refusal([](ModelConfig& c) {
    c.layers.push_back({.stack = "decoder", .layers = "1", .keys = {}});
    c.layers[0].keys.residual = "plain";
  });
  EXPECT_NE(mixed.find("layer 1 of the decoder has 1 and layer 0 has 4"), std::string::npos) << mixed;
  const std::string nobody = refusal([](ModelConfig& c) {
    c.layer.residual = "plain";
    c.hyper_streams = 3;
  });
  EXPECT_NE(nobody.find("model.hyper_connections.streams"), std::string::npos) << nobody;
}

}  // namespace
}  // namespace heddle::model
