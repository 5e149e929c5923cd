#include "heddle/model/encoder_decoder.h"

#include "heddle/ops/log_softmax.h"

namespace heddle::model {
namespace {

bool ends_with_pre_norm(const ModelConfig& config, Stack stack, int64_t layers) {
  return layers > 0 && resolve_layer(config, stack, layers - 1).norm_place == nn::NormPlace::pre;
}

nn::Norm declare_final_norm(nn::Parameters& parameters, const ModelConfig& config, Stack stack, int64_t layers,
                            const std::string& name) {
  return nn::Norm::declare(parameters, name, -1, resolve_layer(config, stack, layers - 1).norm, config.width);
}

}  // namespace

EncoderDecoder::EncoderDecoder(nn::Parameters& parameters, const ModelConfig& config)
    : config_(config),
      target_embedding_(parameters, config.tie_embeddings ? "embedding" : "decoder.embedding",
                        embedding_config(config, Stack::decoder)) {
  validate(config);
  HEDDLE_CHECK(config.vocab_size > 0, "a model needs a vocabulary; vocab_size is {}", config.vocab_size);
  if (config.kind == "encoder_decoder") {
    source_embedding_.emplace_back(parameters, "encoder.embedding", embedding_config(config, Stack::encoder),
                                   config.tie_embeddings ? target_embedding_.table() : nn::kNoParameter);
    for (int64_t i = 0; i < config.encoder_layers; ++i)
      encoder_.emplace_back(parameters, fmt::format("encoder.layers.{}", i), static_cast<int>(i),
                            resolve_layer(config, Stack::encoder, i));
    if (ends_with_pre_norm(config, Stack::encoder, config.encoder_layers))
      encoder_norm_.push_back(
          declare_final_norm(parameters, config, Stack::encoder, config.encoder_layers, "encoder.norm"));
  }
  for (int64_t i = 0; i < config.decoder_layers; ++i)
    decoder_.emplace_back(parameters, fmt::format("decoder.layers.{}", i), static_cast<int>(i),
                          resolve_layer(config, Stack::decoder, i), !source_embedding_.empty());
  if (ends_with_pre_norm(config, Stack::decoder, config.decoder_layers))
    decoder_norm_.push_back(
        declare_final_norm(parameters, config, Stack::decoder, config.decoder_layers, "decoder.norm"));
  output_weight_ = target_embedding_.table();
  if (config.tie_embeddings) parameters.alias("output.weight", output_weight_);
  else
    output_weight_ = parameters.declare({.name = "output.weight",
                                         .role = "output",
                                         .shape = {config.vocab_size, config.width},
                                         .init = nn::Init::xavier()});
  output_bias_ = parameters.declare(
      {.name = "output.bias", .role = "output", .shape = {config.vocab_size}, .init = nn::Init::zeros()});
}

Tensor EncoderDecoder::encode(const nn::Pass& pass, const TokenStream& source) const {
  Tensor x = source_embedding_[0].forward(pass, source.ids, source.rows);
  for (const nn::EncoderLayer& layer : encoder_) x = layer.forward(pass, x, source.rows);
  return final_norm(pass, x, source.rows, Stack::encoder);
}

Tensor EncoderDecoder::decode(const nn::Pass& pass, const TokenStream& target, const Tensor& memory,
                              const Rows& memory_rows) const {
  Tensor x = target_embedding_.forward(pass, target.ids, target.rows);
  for (const nn::DecoderLayer& layer : decoder_) x = layer.forward(pass, x, target.rows, memory, memory_rows);
  return final_norm(pass, x, target.rows, Stack::decoder);
}

Tensor EncoderDecoder::final_norm(const nn::Pass& pass, const Tensor& x, const Rows& rows, Stack stack) const {
  const std::vector<nn::Norm>& norm = stack == Stack::encoder ? encoder_norm_ : decoder_norm_;
  return norm.empty() ? x : norm[0].forward(pass, x, rows);
}

ops::OutputLoss EncoderDecoder::loss(const nn::Pass& pass, const Tensor& states, std::span<const int32_t> targets,
                                     const Rows& rows, const ops::OutputLossOptions& options) const {
  return ops::output_loss(states, nn::weight(output_weight_, pass).dense(), nn::weight(output_bias_, pass).dense(),
                          targets, rows, options);
}

Tensor EncoderDecoder::log_probabilities(const nn::Pass& pass, const Tensor& states, const Rows& rows) const {
  Tensor logits = nn::weight(output_weight_, pass)
                      .product(states, nn::weight(output_bias_, pass).dense(), rows, {.compute = pass.compute});
  return ops::log_softmax(std::move(logits), rows);
}

}  // namespace heddle::model
