#include "heddle/model/combinations.h"

#include "heddle/nn/attention/feature_map.h"
#include "heddle/nn/attention/kind.h"
#include "heddle/nn/position/factory.h"

namespace heddle::model {
namespace {

// A kind that never makes the score of a pair: what acts on scores has nothing to act on.
void check_linear(const nn::AttentionConfig& attention, std::string_view position) {
  const bool keeps_products = nn::attentions::find_feature_map(attention.feature_map).keeps_products;
  if (attention.mask != kernels::Mask::full() && attention.mask != kernels::Mask::causal())
    fail_input(
        "model.attention.kind = \"linear\" sums over all keys or over those before, but model.attention.mask picks "
        "among "
        "them; choose model.attention.mask = \"full\" or \"causal\"");
  const nn::positions::Entry& scheme = nn::positions::find(position);
  if (scheme.in_attention && position != "rope")
    fail_input(
        "model.position = \"{}\" is added to scores, which model.attention.kind = \"linear\" never makes; choose "
        "sinusoidal, learned or none",
        position);
  if (position == "rope" && !keeps_products)
    fail_input(
        "model.position = \"rope\" tells distances by the product of a query and a key, which "
        "model.attention.feature_map = \"{}\" does not keep; choose performer",
        attention.feature_map);
}

// Keys that are sums over a whole sequence have no position and no later or earlier.
void check_linformer(const nn::AttentionConfig& attention, std::string_view position, bool in_decoder) {
  if (in_decoder)
    fail_input(
        "model.attention.kind = \"linformer\" mixes keys over their whole sequence, later tokens too, which "
        "model.attention.mask hides in the decoder; set model.decoder.attention.kind to another");
  if (attention.mask != kernels::Mask::full())
    fail_input(
        "model.attention.kind = \"linformer\" has sums over all keys, among which model.attention.mask cannot pick; "
        "choose model.attention.mask = \"full\"");
  if (nn::positions::find(position).in_attention)
    fail_input(
        "model.position = \"{}\" is of each query and key, but the keys of model.attention.kind = \"linformer\" are "
        "sums "
        "over all positions; choose sinusoidal, learned or none",
        position);
}

// Keys that are never made while decoding: what acts on a key, and not on the query that meets it, has nothing to act
// on.
void check_latent(const nn::AttentionConfig& attention, std::string_view position) {
  if (!nn::attentions::find_kind(attention.kind).is_softmax)
    fail_input(
        "model.attention.projection = \"latent\" keeps latent vectors while decoding, which model.attention.kind = "
        "\"{}\" does not read; choose softmax, or another projection",
        attention.kind);
  if (attention.score == "cosine" || attention.score == "additive")
    fail_input(
        "model.attention.score = \"{}\" acts on each key, which model.attention.projection = \"latent\" never makes "
        "while decoding; choose scaled_dot, dot, temperature or bilinear",
        attention.score);
  if (attention.qk_norm != "none")
    fail_input(
        "model.attention.qk_norm = \"{}\" acts on each key, which model.attention.projection = \"latent\" never makes "
        "while decoding; choose none",
        attention.qk_norm);
  if (nn::positions::find(position).idea.traits.needs_query)
    fail_input(
        "model.position = \"{}\" acts on each key, which model.attention.projection = \"latent\" never makes while "
        "decoding; choose alibi, t5_bias, sinusoidal, learned or none",
        position);
}

// A score that is no dot product of a query and a key.
void check_additive(const nn::AttentionConfig& attention, std::string_view position) {
  if (attention.kind == "linear")
    fail_input(
        "model.attention.score = \"additive\" is of each pair, which model.attention.kind = \"linear\" never looks at; "
        "choose another score");
  if (nn::positions::find(position).idea.traits.needs_query)
    fail_input(
        "model.position = \"{}\" acts on the dot product of a query and a key, which model.attention.score = "
        "\"additive\" does not make; choose alibi, t5_bias, sinusoidal, learned or none",
        position);
}

// Places between keys, at learned distances: what is of single keys or of whole distances has nothing to act on.
void check_offsets(const nn::AttentionConfig& attention, std::string_view position) {
  if (attention.mask != kernels::Mask::full() && attention.mask != kernels::Mask::causal())
    fail_input(
        "model.attention.kind = \"offsets\" looks between keys, among which model.attention.mask cannot pick; choose "
        "model.attention.mask = \"full\" or \"causal\"");
  if (nn::positions::find(position).in_attention && position != "rope")
    fail_input(
        "model.position = \"{}\" is added to scores of whole distances, and model.attention.kind = \"offsets\" looks "
        "between them; choose rope, sinusoidal, learned or none",
        position);
  if (attention.score == "additive")
    fail_input(
        "model.attention.score = \"additive\" is of each key, and model.attention.kind = \"offsets\" looks between "
        "them; "
        "choose another score");
  if (attention.weights == "sampled")
    fail_input(
        "model.attention.weights = \"sampled\" draws weights of keys, and those of model.attention.kind = \"offsets\" "
        "are "
        "of places between them; choose model.attention.weights = \"expected\"");
}

// Kinds that narrow the mask further: by a window, or to a segment and its memory.
void check_narrowing(const nn::AttentionConfig& attention) {
  const bool segments = attention.kind == "segments";
  const int windows = attention.kind == "mixed_windows" ? 2 : 1;  // the widest of them, and each in turn
  const int parts = segments ? 2 * attention.mask.parts() + 5 : attention.mask.parts() + 2 * windows;
  if (parts > kernels::Mask::kMostParts)
    fail_input(
        "model.attention.kind = \"{}\" joins more to model.attention.mask = of {} parts than the {} parts that fit; "
        "write "
        "a shorter mask",
        attention.kind, attention.mask.parts(), kernels::Mask::kMostParts);
  if (segments && !attention.mask.biases().empty())
    fail_input(
        "model.attention.kind = \"segments\" looks by two masks, which the bias in model.attention.mask cannot be "
        "added "
        "to; write the mask without a bias");
  if (attention.kind == "head_windows" && std::ssize(attention.windows) > attention.heads)
    fail_input(
        "model.attention.windows has {} widths for model.heads = {}, and model.attention.kind = \"head_windows\" gives "
        "each head one; write at most as many",
        attention.windows.size(), attention.heads);
}

void check_attention(const nn::AttentionConfig& attention, std::string_view position, bool in_decoder,
                     bool crosses = false) {
  nn::attentions::find_kind(attention.kind);
  if (attention.kind == "linear") check_linear(attention, position);
  if (attention.kind == "linformer") check_linformer(attention, position, in_decoder);
  const bool narrows = attention.kind == "mixed_windows" || attention.kind == "head_windows" ||
                       attention.kind == "adaptive_span" || attention.kind == "segments";
  if (narrows) check_narrowing(attention);
  if (attention.kind == "offsets") check_offsets(attention, position);
  if (attention.weights != "expected" && attention.weights != "sampled")
    fail_input("model.attention.weights = \"{}\" is unknown; choose expected or sampled", attention.weights);
  if (attention.weights == "sampled" && !nn::attentions::find_kind(attention.kind).has_weights)
    fail_input(
        "model.attention.weights = \"sampled\" draws attention weights, and model.attention.kind = \"{}\" makes none; "
        "choose model.attention.weights = \"expected\"",
        attention.kind);
  nn::attentions::find_score(attention.score);
  nn::attentions::find_projection(attention.projection);
  if (attention.projection == "latent" && !crosses) check_latent(attention, position);
  if (attention.score == "additive") check_additive(attention, position);
  if (position == "cope" && narrows)
    fail_input(
        "model.position = \"cope\" counts all keys up to the query, of which model.attention.kind = \"{}\" leaves some "
        "out; choose softmax or sink, or another model.position",
        attention.kind);
  if (position == "cope" && attention.mask != kernels::Mask::causal())
    fail_input(
        "model.position = \"cope\" counts from each key on to the query, so that model.attention.mask must be "
        "\"causal\", in the encoder too; set it so, or choose another model.position");
  const std::string& projection = attention.projection;
  if (projection == "grouped" && (attention.key_heads < 1 || attention.heads % attention.key_heads != 0))
    fail_input(
        "model.attention.projection = \"grouped\" needs model.attention.key_heads that divide model.heads = {}, got {}",
        attention.heads, attention.key_heads);
  if (projection == "value_only") {
    if (!nn::attentions::find_kind(attention.kind).is_softmax)
      fail_input(
          "model.attention.kind = \"{}\" needs queries and keys, and model.attention.projection = \"value_only\" has "
          "none",
          attention.kind);
    if (attention.score != "scaled_dot")
      fail_input(
          "model.attention.score = \"{}\" needs queries, and model.attention.projection = \"value_only\" has none",
          attention.score);
    if (attention.qk_norm != "none")
      fail_input(
          "model.attention.qk_norm = \"{}\" needs queries, and model.attention.projection = \"value_only\" has none",
          attention.qk_norm);
    if (nn::positions::find(position).idea.traits.needs_query)
      fail_input("model.position = \"{}\" needs queries, and model.attention.projection = \"value_only\" has none",
                 position);
  }
  if (attention.score == "cosine" && attention.qk_norm != "none")
    fail_input("model.attention.score = \"cosine\" normalizes already what model.attention.qk_norm = \"{}\" would",
               attention.qk_norm);
  if (attention.qk_norm != "none" && attention.qk_norm != "layer" && attention.qk_norm != "rms")
    fail_input("model.attention.qk_norm = \"{}\" is unknown; choose none, layer or rms", attention.qk_norm);
}

// Keys of two sequences under one softmax.
void check_merged(const nn::AttentionConfig& attention, std::string_view position) {
  if (attention.kind != "softmax" && attention.kind != "sink")
    fail_input(
        "model.decoder.cross.place = \"merged\" has one softmax over the text and its source, which "
        "model.attention.kind = \"{}\" does not know in the decoder; choose softmax or sink",
        attention.kind);
  if (attention.projection == "latent" || attention.projection == "value_only")
    fail_input(
        "model.decoder.cross.place = \"merged\" puts keys of the source beside those of the text, of which "
        "model.attention.projection = \"{}\" makes none; choose another in the decoder",
        attention.projection);
  if (position == "rope")
    fail_input(
        "model.position = \"rope\" turns queries by their places, which keys of the source under "
        "model.decoder.cross.place "
        "= \"merged\" do not share; choose another position, or separate");
}

void check_feed_forward(const nn::FeedForwardConfig& network) {
  nn::feedforward::find(network.kind);
  if (network.kind != "moe") return;
  const nn::ExpertsConfig& experts = network.experts;
  nn::feedforward::find(experts.kind);
  if (experts.kind == "moe" || experts.kind == "none" || experts.kind == "convolution")
    fail_input(
        "model.moe.expert = \"{}\" is no network of single tokens that model.ffn_kind = \"moe\" could have many of; "
        "choose relu, swiglu or another",
        experts.kind);
  if (experts.top_k > experts.count)
    fail_input("model.moe.top_k = {} experts cannot be chosen of model.moe.experts = {}; choose at most as many",
               experts.top_k, experts.count);
  if (experts.top_k == 1 && experts.among_chosen)
    fail_input(
        "model.moe.gates = \"chosen\" makes the one gate of model.moe.top_k = 1 always 1, from which the router learns "
        "nothing; choose model.moe.gates = \"all\"");
}

void check_norm(const nn::LayerConfig& layer, bool in_decoder, int64_t max_length) {
  const nn::Idea& norm = nn::norms::find(layer.step.norm.kind).idea;
  if (in_decoder && !norm.traits.causal_safe && !layer.self_attention.mask.looks_ahead(max_length))
    fail_input(
        "model.norm = \"{}\" looks at later tokens, which model.attention.mask hides in the decoder; choose another "
        "model.decoder.norm",
        norm.name);
  if (norm.name == "group" && layer.step.norm.groups > 0 && layer.width % layer.step.norm.groups != 0)
    fail_input("model.norm_groups = {} does not divide model.width = {}; choose a divisor", layer.step.norm.groups,
               layer.width);
}

void check_residual(const nn::ResidualStepConfig& step) {
  nn::residuals::find(step.residual.kind);
  if (step.residual.kind == "deepnorm" && step.norm_place != nn::NormPlace::post)
    fail_input(
        "model.residual = \"deepnorm\" makes x large for the norm of the sum, which model.norm_place puts elsewhere; "
        "choose model.norm_place = \"post\"");
  if (step.residual.kind == "hyper_connections" && step.norm_place != nn::NormPlace::pre &&
      step.norm_place != nn::NormPlace::sandwich)
    fail_input(
        "model.residual = \"hyper_connections\" has no one sum that a norm could stand behind, where model.norm_place "
        "puts it; choose model.norm_place = \"pre\" or \"sandwich\"");
  if (step.residual.kind == "parallel" && step.norm_place != nn::NormPlace::pre)
    fail_input(
        "model.residual = \"parallel\" has one norm, before all branches of a layer, which model.norm_place puts "
        "elsewhere; choose model.norm_place = \"pre\"");
}

}  // namespace

void check_combination(const nn::LayerConfig& layer, const std::string& position, bool in_decoder, int64_t max_length) {
  nn::dropouts::find(layer.step.dropout.kind);
  check_feed_forward(layer.feed_forward);
  check_attention(layer.self_attention, position, in_decoder);
  if (layer.self_attention.reads_memory) check_merged(layer.self_attention, position);
  if (in_decoder) {
    if (nn::attentions::find_kind(layer.cross_attention.kind).idea.traits.self_only)
      fail_input(
          "model.decoder.cross.attention.kind = \"{}\" has a meaning where a sequence attends to itself; set "
          "model.decoder.attention.kind or model.encoder.attention.kind to it, and choose softmax, sink or linear here",
          layer.cross_attention.kind);
    check_attention(layer.cross_attention, "none", true, true);
  }
  check_norm(layer, in_decoder, max_length);
  check_residual(layer.step);
  if (position == "rope" && layer.self_attention.of_head() % 2 != 0)
    fail_input(
        "model.position = \"rope\" turns pairs of numbers, but model.head_width comes to {}; choose an even width of "
        "heads",
        layer.self_attention.of_head());
}

void check_embedding(const ModelConfig& config, const nn::EmbeddingConfig& embedding) {
  const nn::embeddings::FusionEntry& fusion = nn::embeddings::find_fusion(config.embedding_fusion);
  if (embedding.sources.size() < 2 && config.embedding_fusion != "sum")
    fail_input("model.embedding.fusion = \"{}\" joins several sources; add one as model.embedding.beside",
               config.embedding_fusion);
  if (fusion.idea.traits.needs_domains && embedding.domains < 1)
    fail_input(
        "model.embedding.fusion = \"{}\" has weights for each domain of the texts, and model.embedding.domains says of "
        "none; name them in data.domains",
        config.embedding_fusion);
  if (!fusion.idea.traits.needs_domains && config.embedding_domains)
    fail_input("model.embedding.domains = {} are told apart by model.embedding.fusion = \"domains\", but it is \"{}\"",
               *config.embedding_domains, config.embedding_fusion);
  if (config.tie_embeddings && !embedding.can_be_tied())
    fail_input(
        "model.tie_embeddings = true makes the output layer of the table of tokens, but {} is no such table, nor its "
        "two "
        "factors; set model.tie_embeddings = false",
        config.embedding_beside.empty() ? fmt::format("model.embedding.kind = \"{}\"", config.embedding.kind)
                                        : std::string("what model.embedding.beside adds to"));
  if (embedding.is_table()) return;
  int64_t widths = 0;
  for (const nn::EmbeddingSourceConfig& source : embedding.sources) {
    widths += source.width;
    if (source.kind == "vectors" && source.file.empty())
      fail_input("model.embedding.kind = \"vectors\" needs model.embedding.file, a file of word vectors");
    if (source.kind == "factorised" && source.rank > source.width)
      fail_input("model.embedding.rank = {} is more than model.embedding.width = {}, which saves nothing", source.rank,
                 source.width);
    if (!fusion.side_by_side && source.width != config.width)
      fail_input(
          "model.embedding.width = {} differs from model.width = {}, but model.embedding.fusion = \"{}\" needs all of "
          "one width; choose concat",
          source.width, config.width, config.embedding_fusion);
  }
  if (fusion.side_by_side && widths != config.width)
    fail_input(
        "model.embedding.fusion = \"concat\" puts sources side by side whose model.embedding.width come to {}, not to "
        "model.width = {}",
        widths, config.width);
}

void check_cross_place(const ModelConfig& config) {
  if (config.cross_place == "separate") return;
  if (config.cross_place != "merged")
    fail_input("model.decoder.cross.place = \"{}\" is unknown; choose separate or merged", config.cross_place);
  if (config.kind == "decoder_only")
    fail_input("model.decoder.cross.place = \"merged\" reads a source, which model.kind = \"decoder_only\" has not");
  const LayerKeys& own = config.decoder_cross;
  if (own.heads || own.head_width || own.attention_kind || own.attention_score || own.attention_projection ||
      own.attention_mask || own.attention_qk_norm)
    fail_input(
        "model.decoder.cross.place = \"merged\" leaves cross-attention no heads, mask or scores of its own, but other "
        "keys "
        "of model.decoder.cross set them; set those of model.decoder");
}

void check_positions(const ModelConfig& config) {
  nn::positions::find(config.position);
  if ((config.position == "sinusoidal" || config.position == "transformer_xl") && config.width % 2 != 0)
    fail_input(
        "model.width = {} is odd, but sinusoidal positions need pairs; choose an even width or "
        "another model.position",
        config.width);
  const nn::RopeScaling& rope = config.rope;
  if (rope.kind != "none" && config.position != "rope")
    fail_input("model.rope.scaling = \"{}\" is of rotary positions, but model.position = \"{}\"", rope.kind,
               config.position);
  if (rope.kind == "none" && rope.factor != 1)
    fail_input("model.rope.factor = {} needs model.rope.scaling to say how; choose linear, ntk or yarn", rope.factor);
  if (rope.kind != "none" && rope.kind != "linear" && rope.kind != "ntk" && rope.kind != "yarn")
    fail_input("model.rope.scaling = \"{}\" is unknown; choose none, linear, ntk or yarn", rope.kind);
  if (config.position_distance != 0 && config.position != "t5_bias" && config.position != "shaw" &&
      config.position != "cope")
    fail_input("model.position_distance = {} is of t5_bias, shaw and cope, but model.position = \"{}\"",
               config.position_distance, config.position);
  if (config.position == "t5_bias" && config.position_distance != 0 && config.position_distance <= 16)
    fail_input("model.position_distance = {} leaves model.position = \"t5_bias\" no far buckets; choose more than 16",
               config.position_distance);
}

}  // namespace heddle::model
