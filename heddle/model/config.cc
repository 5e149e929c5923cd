#include "heddle/model/config.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "heddle/model/combinations.h"
#include "heddle/model/early_exit.h"
#include "heddle/model/layer_choice.h"
#include "heddle/model/layer_sharing.h"
#include "heddle/model/mask_text.h"
#include "heddle/model/window_list.h"

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
  override_with(keys.ffn_rank, narrower.ffn_rank);
  override_with(keys.moe_experts, narrower.moe_experts);
  override_with(keys.moe_top_k, narrower.moe_top_k);
  override_with(keys.moe_expert, narrower.moe_expert);
  override_with(keys.moe_gates, narrower.moe_gates);
  override_with(keys.moe_capacity, narrower.moe_capacity);
  override_with(keys.moe_balance, narrower.moe_balance);
  override_with(keys.convolution_width, narrower.convolution_width);
  override_with(keys.convolution_gated, narrower.convolution_gated);
  override_with(keys.norm, narrower.norm);
  override_with(keys.norm_place, narrower.norm_place);
  override_with(keys.norm_groups, narrower.norm_groups);
  override_with(keys.residual, narrower.residual);
  override_with(keys.stochastic_depth, narrower.stochastic_depth);
  override_with(keys.attention_mask, narrower.attention_mask);
  override_with(keys.dropout, narrower.dropout);
  override_with(keys.dropout_kind, narrower.dropout_kind);
  override_with(keys.attention_dropout, narrower.attention_dropout);
  override_with(keys.attention_weights, narrower.attention_weights);
  override_with(keys.attention_head_dropout, narrower.attention_head_dropout);
  override_with(keys.attention_kind, narrower.attention_kind);
  override_with(keys.attention_feature_map, narrower.attention_feature_map);
  override_with(keys.attention_features, narrower.attention_features);
  override_with(keys.attention_projected_length, narrower.attention_projected_length);
  override_with(keys.attention_windows, narrower.attention_windows);
  override_with(keys.attention_segment, narrower.attention_segment);
  override_with(keys.attention_memory, narrower.attention_memory);
  override_with(keys.attention_offsets, narrower.attention_offsets);
  override_with(keys.attention_span, narrower.attention_span);
  override_with(keys.attention_span_ramp, narrower.attention_span_ramp);
  override_with(keys.attention_span_loss, narrower.attention_span_loss);
  override_with(keys.attention_score, narrower.attention_score);
  override_with(keys.attention_projection, narrower.attention_projection);
  override_with(keys.attention_key_heads, narrower.attention_key_heads);
  override_with(keys.attention_rank, narrower.attention_rank);
  override_with(keys.attention_qk_norm, narrower.attention_qk_norm);
  override_with(keys.ffn_dropout, narrower.ffn_dropout);
}

nn::NormPlace norm_place_of(const std::string& name) {
  if (name == "post") return nn::NormPlace::post;
  if (name == "pre") return nn::NormPlace::pre;
  if (name == "sandwich") return nn::NormPlace::sandwich;
  if (name == "both") return nn::NormPlace::both;
  fail_input("model.norm_place = \"{}\" is unknown; choose post, pre, sandwich or both", name);
}

// Of the attention's weights; of a kind that has none, dropout elsewhere says nothing.
double attention_dropout_of(const LayerKeys& keys) {
  if (nn::attentions::find_kind(*keys.attention_kind).has_weights)
    return keys.attention_dropout.value_or(*keys.dropout);
  if (keys.attention_dropout.value_or(0) > 0)
    fail_input(
        "model.attention_dropout = {} is of attention weights, and model.attention.kind = \"{}\" makes none; leave it "
        "out",
        *keys.attention_dropout, *keys.attention_kind);
  return 0;
}

// Keys that speak of another kind or feature map than there is.
void check_kind_keys(const LayerKeys& keys) {
  if (keys.attention_feature_map && *keys.attention_kind != "linear")
    fail_input(
        "model.attention.feature_map = \"{}\" is of model.attention.kind = \"linear\", but model.attention.kind = "
        "\"{}\"",
        *keys.attention_feature_map, *keys.attention_kind);
  const auto only_of = [&](const char* kind, const char* key, const auto& value) {
    if (value && *keys.attention_kind != kind)
      fail_input("model.attention.{} = {} is of model.attention.kind = \"{}\", but model.attention.kind = \"{}\"", key,
                 *value, kind, *keys.attention_kind);
  };
  only_of("linformer", "projected_length", keys.attention_projected_length);
  only_of("segments", "segment", keys.attention_segment);
  only_of("segments", "memory", keys.attention_memory);
  const bool has_windows = *keys.attention_kind == "head_windows" || *keys.attention_kind == "mixed_windows";
  if (keys.attention_windows && !has_windows)
    fail_input(
        "model.attention.windows = \"{}\" is of model.attention.kind = \"head_windows\" and \"mixed_windows\", but "
        "model.attention.kind = \"{}\"",
        *keys.attention_windows, *keys.attention_kind);
  only_of("offsets", "offsets", keys.attention_offsets);
  only_of("adaptive_span", "span", keys.attention_span);
  only_of("adaptive_span", "span_ramp", keys.attention_span_ramp);
  only_of("adaptive_span", "span_loss", keys.attention_span_loss);
  if (*keys.attention_kind == "linformer" && !keys.attention_projected_length)
    fail_input("model.attention.kind = \"linformer\" needs model.attention.projected_length, such as 64");
  if (has_windows && !keys.attention_windows)
    fail_input("model.attention.kind = \"{}\" needs model.attention.windows, such as \"4, 16, 64\"",
               *keys.attention_kind);
  if (keys.attention_rank && *keys.attention_projection != "latent")
    fail_input(
        "model.attention.rank = {} is of model.attention.projection = \"latent\", but model.attention.projection = "
        "\"{}\"",
        *keys.attention_rank, *keys.attention_projection);
  if (keys.attention_features && keys.attention_feature_map.value_or("elu") != "performer")
    fail_input(
        "model.attention.features = {} is of model.attention.feature_map = \"performer\", but "
        "model.attention.feature_map = \"{}\"",
        *keys.attention_features, keys.attention_feature_map.value_or("elu"));
}

// Cross-attention does not take over a kind that has a meaning in self-attention alone.
void forget_kind_of_one_sequence(LayerKeys& cross) {
  if (!nn::attentions::find_kind(*cross.attention_kind).idea.traits.self_only) return;
  cross.attention_kind = "softmax";
  cross.attention_projected_length.reset();
  cross.attention_windows.reset();
  cross.attention_segment.reset();
  cross.attention_memory.reset();
  cross.attention_offsets.reset();
  cross.attention_span.reset();
  cross.attention_span_ramp.reset();
  cross.attention_span_loss.reset();
}

nn::AttentionConfig attention_of(const ModelConfig& config, const LayerKeys& keys, const char* mask) {
  const int64_t heads = *keys.heads;
  if (heads < 1) fail_input("model.heads = {} must be at least 1", heads);
  if (!keys.head_width && config.width % heads != 0)
    fail_input(
        "model.heads = {} does not divide model.width = {}; choose a divisor, or set "
        "model.head_width",
        heads, config.width);
  check_kind_keys(keys);
  return {.width = config.width,
          .heads = static_cast<int>(heads),
          .head_width = keys.head_width.value_or(config.width / heads),
          .dropout = attention_dropout_of(keys),
          .weights = *keys.attention_weights,
          .head_dropout = *keys.attention_head_dropout,
          .kind = *keys.attention_kind,
          .feature_map = keys.attention_feature_map.value_or("elu"),
          .features = keys.attention_features.value_or(0),
          .projected_length = keys.attention_projected_length.value_or(0),
          .max_length = config.max_length,
          .windows = keys.attention_windows ? windows_from_text(*keys.attention_windows) : std::vector<int64_t>{},
          .segment = keys.attention_segment.value_or(64),
          .memory = keys.attention_memory.value_or(keys.attention_segment.value_or(64)),
          .offsets = keys.attention_offsets.value_or(8),
          .span = keys.attention_span.value_or(config.max_length),
          .span_ramp = keys.attention_span_ramp.value_or(32),
          .span_loss = keys.attention_span_loss.value_or(2e-6),
          .score = *keys.attention_score,
          .projection = *keys.attention_projection,
          .key_heads = keys.attention_key_heads.value_or(0),
          .rank = keys.attention_rank.value_or(0),
          .qk_norm = *keys.attention_qk_norm,
          .mask = mask_from_text(keys.attention_mask.value_or(mask))};
}

nn::ExpertsConfig experts_of(const LayerKeys& keys) {
  const auto only_of_moe = [&](const char* key, const auto& value) {
    if (value && *keys.ffn_kind != "moe")
      fail_input("model.moe.{} = {} is of model.ffn_kind = \"moe\", but model.ffn_kind = \"{}\"", key, *value,
                 *keys.ffn_kind);
  };
  only_of_moe("experts", keys.moe_experts);
  only_of_moe("top_k", keys.moe_top_k);
  only_of_moe("expert", keys.moe_expert);
  only_of_moe("gates", keys.moe_gates);
  only_of_moe("capacity", keys.moe_capacity);
  only_of_moe("balance", keys.moe_balance);
  const nn::ExpertsConfig usual;
  return {.count = keys.moe_experts.value_or(usual.count),
          .top_k = keys.moe_top_k.value_or(std::min(usual.top_k, keys.moe_experts.value_or(usual.count))),
          .kind = keys.moe_expert.value_or(usual.kind),
          .among_chosen = keys.moe_gates.value_or("all") == "chosen",
          .capacity = keys.moe_capacity.value_or(usual.capacity),
          .balance = keys.moe_balance.value_or(usual.balance)};
}

nn::ConvolutionConfig convolution_of(const LayerKeys& keys, bool causal) {
  const auto only_of_convolution = [&](const char* key, const auto& value) {
    if (value && *keys.ffn_kind != "convolution")
      fail_input("model.convolution.{} = {} is of model.ffn_kind = \"convolution\", but model.ffn_kind = \"{}\"", key,
                 *value, *keys.ffn_kind);
  };
  only_of_convolution("width", keys.convolution_width);
  only_of_convolution("gated", keys.convolution_gated);
  const nn::ConvolutionConfig usual;
  return {.width = keys.convolution_width.value_or(usual.width),
          .gated = keys.convolution_gated.value_or(usual.gated),
          .causal = causal};
}

nn::EmbeddingSourceConfig source_of(const ModelConfig& config, const EmbeddingKeys& keys) {
  const auto only_of = [&](bool fits, const char* key, const auto& value) {
    if (value && !fits)
      fail_input("model.embedding.{} = {} is of other kinds than model.embedding.kind = \"{}\"", key, *value,
                 keys.kind);
  };
  only_of(keys.kind == "factorised" || keys.kind == "vectors", "rank", keys.rank);
  only_of(keys.kind == "characters", "characters", keys.characters);
  only_of(keys.kind == "characters", "character_width", keys.character_width);
  only_of(keys.kind == "characters", "convolutions", keys.convolutions);
  only_of(keys.kind == "vectors", "file", keys.file);
  only_of(keys.kind == "vectors", "frozen", keys.frozen);
  only_of(keys.kind == "hashing" || keys.kind == "quotient_remainder", "buckets", keys.buckets);
  only_of(keys.kind == "hashing", "hashes", keys.hashes);
  only_of(keys.kind == "hashing", "hash", keys.hash);
  const nn::EmbeddingSourceConfig usual;
  return {.kind = std::string(nn::embeddings::find(keys.kind).idea.name),
          .vocab_size = config.vocab_size,
          .width = keys.width.value_or(config.width),
          .rank = keys.rank.value_or(0),
          .buckets = keys.buckets.value_or(0),
          .hashes = keys.hashes.value_or(usual.hashes),
          .hash = keys.hash.value_or(usual.hash),
          .characters = keys.characters.value_or(usual.characters),
          .character_width = keys.character_width.value_or(usual.character_width),
          .convolutions = keys.convolutions.value_or(usual.convolutions),
          .file = keys.file.value_or(usual.file),
          .frozen = keys.frozen.value_or(usual.frozen),
          .weight = keys.weight.value_or(usual.weight)};
}

// None where it is a table of the model's width and nothing else.
std::vector<nn::EmbeddingSourceConfig> sources_of(const ModelConfig& config) {
  std::vector<nn::EmbeddingSourceConfig> sources = {source_of(config, config.embedding)};
  if (sources[0].kind == "table" && sources[0].weight == 1 && sources[0].width == config.width &&
      config.embedding_beside.empty())
    return {};
  for (const EmbeddingKeys& keys : config.embedding_beside) sources.push_back(source_of(config, keys));
  return sources;
}

nn::PositionConfig position_of(const ModelConfig& config, Stack stack, const nn::AttentionConfig& attention) {
  return {.kind = config.position,
          .width = config.width,
          .max_length = config.max_length,
          .heads = attention.heads,
          .head_width = attention.of_head(),
          .causal = stack == Stack::decoder && !attention.mask.looks_ahead(config.max_length),
          .distance = config.position_distance,
          .rope = config.rope};
}

// Whether each layer has position weights of its own.
bool has_own_positions(const ModelConfig& config) {
  return config.position_per_layer && nn::positions::find(config.position).has_weights;
}

// Keys of streams that nobody has.
void check_streams(const ModelConfig& config) {
  const bool any = residual_streams(config, Stack::encoder) > 1 || residual_streams(config, Stack::decoder) > 1;
  if (any || (!config.hyper_streams && !config.hyper_dynamic)) return;
  fail_input("model.hyper_connections.{} is of model.residual = \"hyper_connections\", but model.residual = \"{}\"",
             config.hyper_streams ? "streams" : "dynamic", *config.layer.residual);
}

// Keys of groups that no layer has.
void check_groups(const ModelConfig& config) {
  bool of_heads = false, of_columns = false;
  const auto look = [&](Stack stack, int64_t layers) {
    for (int64_t i = 0; i < layers; ++i) {
      const nn::LayerConfig layer = resolve_layer(config, stack, i);
      of_heads |= layer.self_attention.projection == "grouped" || layer.cross_attention.projection == "grouped";
      of_columns |= layer.step.norm.kind == "group";
    }
  };
  if (config.kind != "decoder_only") look(Stack::encoder, config.encoder_layers);
  look(Stack::decoder, config.decoder_layers);
  if (!of_heads && config.layer.attention_key_heads.value_or(0) > 0)
    fail_input("model.attention.key_heads = {} is of model.attention.projection = \"grouped\", but that is \"{}\"",
               *config.layer.attention_key_heads, *config.layer.attention_projection);
  if (!of_columns && config.layer.norm_groups.value_or(0) > 0)
    fail_input("model.norm_groups = {} is of model.norm = \"group\", but model.norm = \"{}\"",
               *config.layer.norm_groups, *config.layer.norm);
}

// An override that meets no layer is a slip of the pen.
void check_override(const ModelConfig& config, const LayerOverride& entry) {
  int64_t layers = 0;
  if (entry.stack != "decoder") layers = config.kind == "decoder_only" ? 0 : config.encoder_layers;
  if (entry.stack != "encoder") layers = std::max(layers, config.decoder_layers);
  bool met = false;
  for (int64_t i = 0; i < layers; ++i) met |= names_layer("model.layer.layers", entry.layers, i);
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
    if ((entry.stack == "all" || entry.stack == stack_name) && names_layer("model.layer.layers", entry.layers, layer))
      override_keys(keys, entry.keys);
  LayerKeys cross = keys;
  cross.attention_mask.reset();  // that of self-attention says nothing about the source
  cross.attention_rank.reset();  // nor is it projected so
  forget_kind_of_one_sequence(cross);
  override_keys(cross, config.decoder_cross);
  const bool has_streams = *keys.residual == "hyper_connections";
  nn::LayerConfig layer_config = {
      .width = config.width,
      .self_attention = attention_of(config, keys, stack == Stack::encoder ? "full" : "causal"),
      .cross_attention = attention_of(config, cross, "full"),
      .feed_forward = {.width = config.width,
                       .inner = *keys.ffn,
                       .kind = *keys.ffn_kind,
                       .rank = keys.ffn_rank.value_or(0),
                       .dropout = {keys.ffn_dropout.value_or(*keys.dropout), *keys.dropout_kind},
                       .experts = experts_of(keys),
                       .convolution = {}},
      .step = {.norm = {.kind = *keys.norm, .width = config.width, .groups = keys.norm_groups.value_or(0)},
               .norm_place = norm_place_of(*keys.norm_place),
               .residual = {.kind = *keys.residual,
                            .width = config.width,
                            .depth = {.encoder_layers = config.kind == "decoder_only" ? 0 : config.encoder_layers,
                                      .decoder_layers = config.decoder_layers,
                                      .in_decoder = stack == Stack::decoder,
                                      .layer = layer},
                            .stochastic_depth = *keys.stochastic_depth,
                            .streams = has_streams ? config.hyper_streams.value_or(4) : 1,
                            .dynamic = has_streams && config.hyper_dynamic.value_or(true)},
               .dropout = {*keys.dropout, *keys.dropout_kind}},
      .parallel = *keys.residual == "parallel"};
  layer_config.self_attention.reads_memory = stack == Stack::decoder && config.cross_place == "merged";
  const bool sees_later = layer_config.self_attention.mask.looks_ahead(config.max_length);
  layer_config.feed_forward.convolution = convolution_of(keys, stack == Stack::decoder && !sees_later);
  // An encoder that is not there has no positions.
  const bool is_there = stack == Stack::decoder || config.kind == "encoder_decoder";
  check_combination(layer_config, is_there ? config.position : "none", stack == Stack::decoder, config.max_length);
  const nn::BranchStart start = nn::residuals::find(*keys.residual).start(layer_config.step.residual.depth);
  layer_config.self_attention.start = layer_config.cross_attention.start = layer_config.feed_forward.start = start;
  if (has_own_positions(config)) layer_config.position = position_of(config, stack, layer_config.self_attention);
  return layer_config;
}

void validate(const ModelConfig& config) {
  if (config.kind != "encoder_decoder" && config.kind != "decoder_only")
    fail_input("model.kind = \"{}\" is unknown; choose encoder_decoder or decoder_only", config.kind);
  check_positions(config);
  check_cross_place(config);
  for (const LayerOverride& entry : config.layers) {
    if (entry.stack != "all" && entry.stack != "encoder" && entry.stack != "decoder")
      fail_input("model.layer.stack = \"{}\" is unknown; choose encoder, decoder or all", entry.stack);
    check_override(config, entry);
  }
  for (int64_t i = 0; i < config.encoder_layers; ++i) resolve_layer(config, Stack::encoder, i);
  for (int64_t i = 0; i < config.decoder_layers; ++i) resolve_layer(config, Stack::decoder, i);
  embedding_config(config, Stack::decoder);
  if (config.kind != "decoder_only") shared_position(config, Stack::encoder);
  shared_position(config, Stack::decoder);
  check_streams(config);
  check_groups(config);
  check_shared_layers(config);
  exit_layers(config);
}

void require_causal_decoder(const ModelConfig& config) {
  for (int64_t i = 0; i < config.decoder_layers; ++i)
    if (resolve_layer(config, Stack::decoder, i).self_attention.mask.looks_ahead(config.max_length))
      fail_input(
          "layer {} of the decoder sees later tokens, which are not there yet when a text is made token by token; set "
          "model.decoder.attention.mask = \"causal\", or one that has causal & before it",
          i);
}

int64_t residual_streams(const ModelConfig& config, Stack stack) {
  const bool encodes = stack == Stack::encoder;
  if (encodes && config.kind == "decoder_only") return 1;
  const int64_t layers = encodes ? config.encoder_layers : config.decoder_layers;
  int64_t streams = 1;
  for (int64_t i = 0; i < layers; ++i) {
    const int64_t of_layer = resolve_layer(config, stack, i).step.residual.streams;
    if (i > 0 && of_layer != streams)
      fail_input(
          "model.residual = \"hyper_connections\" has {} streams, but layer {} of the {} has {} and layer 0 has {}; "
          "give all layers of a stack the same model.residual, or none of them model.layer.residual",
          config.hyper_streams.value_or(4), i, encodes ? "encoder" : "decoder", of_layer, streams);
    streams = of_layer;
  }
  return streams;
}

nn::EmbeddingConfig embedding_config(const ModelConfig& config, Stack stack) {
  const LayerKeys& of_stack = stack == Stack::encoder ? config.encoder : config.decoder;
  nn::EmbeddingConfig embedding = {.width = config.width,
                                   .vocab_size = config.vocab_size,
                                   .max_length = config.max_length,
                                   .scale = std::sqrt(static_cast<double>(config.width)),
                                   .dropout = {of_stack.dropout.value_or(*config.layer.dropout),
                                               of_stack.dropout_kind.value_or(*config.layer.dropout_kind)}};
  const bool added = !nn::positions::find(config.position).in_attention && !config.position_per_layer;
  embedding.position = added ? config.position : "none";
  embedding.sources = sources_of(config);
  embedding.fusion = config.embedding_fusion;
  embedding.domains = config.embedding_domains.value_or(0);
  check_embedding(config, embedding);
  return embedding;
}

nn::PositionConfig shared_position(const ModelConfig& config, Stack stack) {
  const nn::positions::Entry& scheme = nn::positions::find(config.position);
  const int64_t layers = stack == Stack::encoder ? config.encoder_layers : config.decoder_layers;
  if (has_own_positions(config) || layers == 0 || !(scheme.in_attention || config.position_per_layer)) return {};
  const nn::AttentionConfig first = resolve_layer(config, stack, 0).self_attention;
  for (int64_t i = 1; i < layers && scheme.in_attention; ++i) {
    const nn::AttentionConfig other = resolve_layer(config, stack, i).self_attention;
    if (other.heads != first.heads || other.of_head() != first.of_head())
      fail_input(
          "model.position = \"{}\" is shared by the layers of a stack, but layer {} has {} heads of width {} and layer "
          "0 "
          "{} of width {}; give them the same model.heads{}",
          config.position, i, other.heads, other.of_head(), first.heads, first.of_head(),
          scheme.has_weights ? ", or set model.position_per_layer = true" : "");
  }
  return position_of(config, stack, first);
}

}  // namespace heddle::model
