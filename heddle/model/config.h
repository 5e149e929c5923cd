#pragma once
// What a model is made of. `model.X` is the default for every stack; [model.encoder], [model.decoder]
// and [[model.layer]] override it, the narrower wins.

#include <optional>
#include <string>
#include <vector>

#include "heddle/nn/token_embedding.h"
#include "heddle/nn/transformer_layer.h"

namespace heddle::model {

// Keys that may differ from stack to stack and from layer to layer; unset: as the wider scope says.
struct LayerKeys {
  std::optional<int64_t> heads;
  std::optional<int64_t> head_width;
  std::optional<int64_t> ffn;
  std::optional<std::string> ffn_kind;    // relu, gelu, gelu_tanh, silu
  std::optional<std::string> norm;        // layer, rms
  std::optional<std::string> norm_place;  // post, pre
  std::optional<double> dropout;
  std::optional<double> attention_dropout;
  // [attention] mask: full, causal; unset: causal in the decoder's self-attention alone
  std::optional<std::string> attention_mask;
  std::optional<std::string> attention_score;  // [attention] score: scaled_dot, dot
  std::optional<double> ffn_dropout;
};

// One [[model.layer]] entry: which layers it speaks of, and what it changes there.
struct LayerOverride {
  std::string stack = "all";   // encoder, decoder, all
  std::string layers = "all";  // "all", "3", "0-2", "every 2"
  LayerKeys keys;
};

struct ModelConfig {
  std::string kind = "encoder_decoder";  // or decoder_only
  int64_t width = 128;
  int64_t encoder_layers = 2;
  int64_t decoder_layers = 2;
  int64_t max_length = 1024;            // rows of the position table
  std::string position = "sinusoidal";  // sinusoidal, learned, none
  bool tie_embeddings = true;           // source, target and output share one table
  LayerKeys layer = {.heads = 4,
                     .head_width = {},
                     .ffn = 512,
                     .ffn_kind = "relu",
                     .norm = "layer",
                     .norm_place = "post",
                     .dropout = 0.1,
                     .attention_dropout = {},  // as dropout
                     .attention_mask = {},     // by stack
                     .attention_score = "scaled_dot",
                     .ffn_dropout = {}};  // as dropout
  LayerKeys encoder, decoder;
  LayerKeys decoder_cross;  // [model.decoder.cross]: what concerns attention
  std::vector<LayerOverride> layers;
  int64_t vocab_size = 0;  // set from the tokenizer
};

enum class Stack : uint8_t { encoder, decoder };

// The configuration of one layer after all overrides; throws InputError for values that cannot be
// (heads that do not divide the width when no head width is given, unknown names).
nn::LayerConfig resolve_layer(const ModelConfig& config, Stack stack, int64_t layer);

// Checks everything that can be wrong before memory is spent.
void validate(const ModelConfig& config);

nn::EmbeddingConfig embedding_config(const ModelConfig& config, Stack stack);

}  // namespace heddle::model
