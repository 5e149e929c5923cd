#include "heddle/model/config.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

namespace heddle::model {
namespace {

template <class T>
void override_with(std::optional<T>& value, const std::optional<T>& narrower) {
  if (narrower) value = narrower;
}

void override_keys(LayerKeys& keys, const LayerKeys& narrower) {
  override_with(keys.heads, narrower.heads);
  override_with(keys.head_width, narrower.head_width);
  override_with(keys.ffn, narrower.ffn);
  override_with(keys.ffn_kind, narrower.ffn_kind);
  override_with(keys.norm, narrower.norm);
  override_with(keys.norm_place, narrower.norm_place);
  override_with(keys.attention_mask, narrower.attention_mask);
  override_with(keys.dropout, narrower.dropout);
  override_with(keys.attention_dropout, narrower.attention_dropout);
  override_with(keys.attention_score, narrower.attention_score);
  override_with(keys.ffn_dropout, narrower.ffn_dropout);
}

int64_t parse_index(std::string_view text, std::string_view whole) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0)
    fail_input(
        "model.layer.layers = \"{}\" is not a choice of layers; write \"all\", \"3\", \"0-2\" or "
        "\"every 2\"",
        whole);
  return value;
}

// Whether "all", "3", "0-2" or "every 2" names this layer.
bool names_layer(std::string_view choice, int64_t layer) {
  if (choice == "all") return true;
  constexpr std::string_view kEvery = "every ";
  if (choice.starts_with(kEvery)) {
    const int64_t step = parse_index(choice.substr(kEvery.size()), choice);
    if (step == 0) fail_input("model.layer.layers = \"{}\" names no layer; write \"every 2\" or more", choice);
    return layer % step == 0;
  }
  if (const size_t dash = choice.find('-'); dash != std::string_view::npos) {
    const int64_t first = parse_index(choice.substr(0, dash), choice);
    const int64_t last = parse_index(choice.substr(dash + 1), choice);
    if (first > last) fail_input("model.layer.layers = \"{}\" runs backwards; write the lower layer first", choice);
    return first <= layer && layer <= last;
  }
  return parse_index(choice, choice) == layer;
}

kernels::Activation activation_of(const std::string& name) {
  if (name == "relu") return kernels::Activation::relu;
  if (name == "gelu") return kernels::Activation::gelu;
  if (name == "gelu_tanh") return kernels::Activation::gelu_tanh;
  if (name == "silu") return kernels::Activation::silu;
  fail_input("model.ffn_kind = \"{}\" is unknown; choose relu, gelu, gelu_tanh or silu", name);
}

kernels::NormKind norm_of(const std::string& name) {
  if (name == "layer") return kernels::NormKind::layer;
  if (name == "rms") return kernels::NormKind::rms;
  fail_input("model.norm = \"{}\" is unknown; choose layer or rms", name);
}

nn::NormPlace norm_place_of(const std::string& name) {
  if (name == "post") return nn::NormPlace::post;
  if (name == "pre") return nn::NormPlace::pre;
  fail_input("model.norm_place = \"{}\" is unknown; choose post or pre", name);
}

nn::AttentionScore score_of(const std::string& name) {
  if (name == "scaled_dot") return nn::AttentionScore::scaled_dot;
  if (name == "dot") return nn::AttentionScore::dot;
  fail_input("model.attention.score = \"{}\" is unknown; choose scaled_dot or dot", name);
}

kernels::Mask mask_of(const std::string& name) {
  if (name == "full") return kernels::Mask::full();
  if (name == "causal") return kernels::Mask::causal();
  fail_input("model.attention.mask = \"{}\" is unknown; choose full or causal", name);
}

nn::AttentionConfig attention_of(const ModelConfig& config, const LayerKeys& keys, const char* mask) {
  const int64_t heads = *keys.heads;
  if (heads < 1) fail_input("model.heads = {} must be at least 1", heads);
  if (!keys.head_width && config.width % heads != 0)
    fail_input(
        "model.heads = {} does not divide model.width = {}; choose a divisor, or set "
        "model.head_width",
        heads, config.width);
  return {.width = config.width,
          .heads = static_cast<int>(heads),
          .head_width = keys.head_width.value_or(config.width / heads),
          .dropout = keys.attention_dropout.value_or(*keys.dropout),
          .score = score_of(*keys.attention_score),
          .mask = mask_of(keys.attention_mask.value_or(mask))};
}

// An override that meets no layer is a slip of the pen.
void check_override(const ModelConfig& config, const LayerOverride& entry) {
  int64_t layers = 0;
  if (entry.stack != "decoder") layers = config.kind == "decoder_only" ? 0 : config.encoder_layers;
  if (entry.stack != "encoder") layers = std::max(layers, config.decoder_layers);
  bool met = false;
  for (int64_t i = 0; i < layers; ++i) met |= names_layer(entry.layers, i);
  if (!met)
    fail_input("model.layer.layers = \"{}\" meets no layer of the stack \"{}\", which has {}; layers count from 0",
               entry.layers, entry.stack, layers);
}

}  // namespace

nn::LayerConfig resolve_layer(const ModelConfig& config, Stack stack, int64_t layer) {
  LayerKeys keys = config.layer;
  override_keys(keys, stack == Stack::encoder ? config.encoder : config.decoder);
  const std::string_view stack_name = stack == Stack::encoder ? "encoder" : "decoder";
  for (const LayerOverride& entry : config.layers)
    if ((entry.stack == "all" || entry.stack == stack_name) && names_layer(entry.layers, layer))
      override_keys(keys, entry.keys);
  LayerKeys cross = keys;
  cross.attention_mask.reset();  // that of self-attention says nothing about the source
  override_keys(cross, config.decoder_cross);
  return {.width = config.width,
          .self_attention = attention_of(config, keys, stack == Stack::encoder ? "full" : "causal"),
          .cross_attention = attention_of(config, cross, "full"),
          .feed_forward = {.width = config.width,
                           .inner = *keys.ffn,
                           .activation = activation_of(*keys.ffn_kind),
                           .dropout = keys.ffn_dropout.value_or(*keys.dropout)},
          .norm = norm_of(*keys.norm),
          .norm_place = norm_place_of(*keys.norm_place),
          .dropout = *keys.dropout};
}

void validate(const ModelConfig& config) {
  if (config.kind != "encoder_decoder" && config.kind != "decoder_only")
    fail_input("model.kind = \"{}\" is unknown; choose encoder_decoder or decoder_only", config.kind);
  if (config.position == "sinusoidal" && config.width % 2 != 0)
    fail_input(
        "model.width = {} is odd, but sinusoidal positions need pairs; choose an even width or "
        "another model.position",
        config.width);
  for (const LayerOverride& entry : config.layers) {
    if (entry.stack != "all" && entry.stack != "encoder" && entry.stack != "decoder")
      fail_input("model.layer.stack = \"{}\" is unknown; choose encoder, decoder or all", entry.stack);
    check_override(config, entry);
  }
  for (int64_t i = 0; i < config.encoder_layers; ++i) resolve_layer(config, Stack::encoder, i);
  for (int64_t i = 0; i < config.decoder_layers; ++i) resolve_layer(config, Stack::decoder, i);
  embedding_config(config, Stack::decoder);
}

nn::EmbeddingConfig embedding_config(const ModelConfig& config, Stack stack) {
  const LayerKeys& of_stack = stack == Stack::encoder ? config.encoder : config.decoder;
  nn::EmbeddingConfig embedding = {.width = config.width,
                                   .vocab_size = config.vocab_size,
                                   .max_length = config.max_length,
                                   .scale = std::sqrt(static_cast<double>(config.width)),
                                   .dropout = of_stack.dropout.value_or(*config.layer.dropout)};
  if (config.position == "sinusoidal") embedding.position = nn::PositionKind::sinusoidal;
  else if (config.position == "learned") embedding.position = nn::PositionKind::learned;
  else if (config.position == "none") embedding.position = nn::PositionKind::none;
  else fail_input("model.position = \"{}\" is unknown; choose sinusoidal, learned or none", config.position);
  return embedding;
}

}  // namespace heddle::model
