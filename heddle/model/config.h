#pragma once
// What a model is made of. `model.X` is the default for every stack; [model.encoder], [model.decoder]
// and [[model.layer]] override it, the narrower wins.

#include <optional>
#include <string>
#include <vector>

#include "heddle/nn/token_embedding.h"
#include "heddle/nn/transformer_layer.h"

namespace heddle::model {

// Keys that may differ from stack to stack and from layer to layer; unset: as the wider scope says. What the names mean
// stands in the folders of heddle/nn/, one file each, and in docs/variants.md.
struct LayerKeys {
  std::optional<int64_t> heads;
  std::optional<int64_t> head_width;
  std::optional<int64_t> ffn;
  std::optional<std::string> ffn_kind;  // nn/feedforward/
  std::optional<int64_t> ffn_rank;
  std::optional<int64_t> moe_experts;  // [moe], of ffn_kind moe
  std::optional<int64_t> moe_top_k;
  std::optional<std::string> moe_expert;  // nn/feedforward/
  std::optional<std::string> moe_gates;   // all, chosen
  std::optional<double> moe_capacity;
  std::optional<double> moe_balance;
  std::optional<int64_t> convolution_width;  // [convolution], of ffn_kind convolution
  std::optional<bool> convolution_gated;
  std::optional<std::string> norm;        // nn/norm/
  std::optional<std::string> norm_place;  // post, pre, sandwich, both
  std::optional<int64_t> norm_groups;
  std::optional<std::string> residual;  // nn/residual/
  std::optional<double> stochastic_depth;
  std::optional<double> dropout;
  std::optional<std::string> dropout_kind;  // nn/dropout/
  std::optional<double> attention_dropout;
  std::optional<std::string> attention_weights;  // [attention] weights: expected, sampled
  std::optional<double> attention_head_dropout;  // [attention] head_dropout
  // [attention] mask, an expression; unset: causal in the decoder's self-attention alone
  std::optional<std::string> attention_mask;
  std::optional<std::string> attention_kind;          // [attention] kind: nn/attention/
  std::optional<std::string> attention_feature_map;   // [attention] feature_map, of kind linear; unset: elu
  std::optional<int64_t> attention_features;          // of feature map performer
  std::optional<int64_t> attention_projected_length;  // of kind linformer
  std::optional<std::string> attention_windows;       // of kinds head_windows and mixed_windows: "4, 16, 64"
  std::optional<int64_t> attention_segment;           // of kind segments
  std::optional<int64_t> attention_memory;
  std::optional<int64_t> attention_offsets;  // of kind offsets
  std::optional<int64_t> attention_span;     // of kind adaptive_span
  std::optional<int64_t> attention_span_ramp;
  std::optional<double> attention_span_loss;
  std::optional<std::string> attention_score;       // [attention] score: nn/attention/
  std::optional<std::string> attention_projection;  // [attention] projection: nn/attention/
  std::optional<int64_t> attention_key_heads;
  std::optional<int64_t> attention_rank;         // of projection latent
  std::optional<std::string> attention_qk_norm;  // none, layer, rms
  std::optional<double> ffn_dropout;
};

// One [[model.layer]] entry: which layers it speaks of, and what it changes there.
struct LayerOverride {
  std::string stack = "all";   // encoder, decoder, all
  std::string layers = "all";  // "all", "3", "0-2", "every 2"
  LayerKeys keys;
};

// One source of token vectors: nn/embedding/.
struct EmbeddingKeys {
  std::string kind = "table";
  std::optional<int64_t> width;  // beside others; else the model's
  std::optional<int64_t> rank;
  std::optional<int64_t> buckets;
  std::optional<int64_t> hashes;
  std::optional<std::string> hash;
  std::optional<int64_t> characters;
  std::optional<int64_t> character_width;
  std::optional<int64_t> convolutions;
  std::optional<std::string> file;
  std::optional<bool> frozen;
  std::optional<double> weight;
};

struct ModelConfig {
  std::string kind = "encoder_decoder";  // or decoder_only
  int64_t width = 128;
  int64_t encoder_layers = 2;
  int64_t decoder_layers = 2;
  int64_t max_length = 1024;            // longest sequence
  std::string position = "sinusoidal";  // nn/position/
  bool position_per_layer = false;      // else once: added to token vectors, or shared by the layers of a stack
  int64_t position_distance = 0;        // farthest distance of t5_bias and shaw, count of cope; 0: the paper's
  nn::RopeScaling rope;
  EmbeddingKeys embedding;                      // [embedding], of both stacks
  std::vector<EmbeddingKeys> embedding_beside;  // [[embedding.beside]]
  std::string embedding_fusion = "sum";         // of several sources
  std::optional<int64_t> embedding_domains;     // of fusion domains, set from data.domains
  bool tie_embeddings = true;                   // source, target and output share one table
  int64_t share_layers = 1;                     // layers in a row of a stack that share their weights
  std::string exit_layers;                      // of the decoder, a choice of layers (layer_choice.h); empty: none
  double exit_weight = 0.3;                     // of the loss of each exit
  std::optional<int64_t> hyper_streams;         // [hyper_connections], of residual hyper_connections
  std::optional<bool> hyper_dynamic;
  LayerKeys layer = {.heads = 4,
                     .head_width = {},
                     .ffn = 512,
                     .ffn_kind = "relu",
                     .ffn_rank = {},
                     .moe_experts = {},
                     .moe_top_k = {},
                     .moe_expert = {},
                     .moe_gates = {},
                     .moe_capacity = {},
                     .moe_balance = {},
                     .convolution_width = {},
                     .convolution_gated = {},
                     .norm = "layer",
                     .norm_place = "post",
                     .norm_groups = {},
                     .residual = "plain",
                     .stochastic_depth = 0.0,
                     .dropout = 0.1,
                     .dropout_kind = "element",
                     .attention_dropout = {},  // as dropout
                     .attention_weights = "expected",
                     .attention_head_dropout = 0.0,
                     .attention_mask = {},  // by stack
                     .attention_kind = "softmax",
                     .attention_feature_map = {},
                     .attention_features = {},
                     .attention_projected_length = {},
                     .attention_windows = {},
                     .attention_segment = {},
                     .attention_memory = {},
                     .attention_offsets = {},
                     .attention_span = {},
                     .attention_span_ramp = {},
                     .attention_span_loss = {},
                     .attention_score = "scaled_dot",
                     .attention_projection = "fused",
                     .attention_key_heads = {},
                     .attention_rank = {},
                     .attention_qk_norm = "none",
                     .ffn_dropout = {}};  // as dropout
  LayerKeys encoder, decoder;
  LayerKeys decoder_cross;               // [model.decoder.cross]: what concerns attention
  std::string cross_place = "separate";  // [model.decoder.cross] place: separate, merged (nn/attention/merged_memory.h)
  std::vector<LayerOverride> layers;
  int64_t vocab_size = 0;  // set from the tokenizer
};

enum class Stack : uint8_t { encoder, decoder };

// The configuration of one layer after all overrides; throws InputError for values that cannot be
// (heads that do not divide the width when no head width is given, unknown names).
nn::LayerConfig resolve_layer(const ModelConfig& config, Stack stack, int64_t layer);

// Checks everything that can be wrong before memory is spent.
void validate(const ModelConfig& config);

// Throws InputError where a layer of the decoder sees later tokens: they are what is to be predicted, and are not there
// yet when a text is made token by token.
void require_causal_decoder(const ModelConfig& config);

nn::EmbeddingConfig embedding_config(const ModelConfig& config, Stack stack);

// How many residual streams run side by side through a stack. Throws InputError where its layers differ in that.
int64_t residual_streams(const ModelConfig& config, Stack stack);

// The position scheme that the layers of a stack share, each acting with it; kind none: they share nothing.
nn::PositionConfig shared_position(const ModelConfig& config, Stack stack);

}  // namespace heddle::model
