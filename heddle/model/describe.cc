#include "heddle/model/describe.h"

namespace heddle::model {
namespace {

void describe_layer_keys(LayerKeys& keys, ConfigVisitor& v) {
  v.field("heads", keys.heads, "Attention heads; they divide the width unless head_width is given.",
          Allowed::between(1, 4096));
  v.field("head_width", keys.head_width, "Width of one head.", Allowed::between(1, 65536));
  v.field("ffn", keys.ffn, "Inner width of the feed-forward network.", Allowed::between(1, 1e7));
  v.field("ffn_kind", keys.ffn_kind, "Activation of the feed-forward network.",
          Allowed::one_of({"relu", "gelu", "gelu_tanh", "silu"}));
  v.field("norm", keys.norm, "Normalization.", Allowed::one_of({"layer", "rms"}));
  v.field("norm_place", keys.norm_place, "Norm after the residual sum or before the branch.",
          Allowed::one_of({"post", "pre"}));
  v.field("dropout", keys.dropout, "Dropout on embeddings and on each branch.", Allowed::between(0, 0.99));
  v.field("attention_dropout", keys.attention_dropout, "Dropout on attention weights; as dropout when absent.",
          Allowed::between(0, 0.99));
  v.field("ffn_dropout", keys.ffn_dropout, "Dropout on the neurons; as dropout when absent.",
          Allowed::between(0, 0.99));
  v.section("attention", "How attention looks.", [&] {
    v.field("mask", keys.attention_mask,
            "Which keys a query sees; absent: causal in the decoder's self-attention, full elsewhere.",
            Allowed::one_of({"full", "causal"}));
    v.field("score", keys.attention_score, "Score of a query and a key: q·k/√d, or q·k alone.",
            Allowed::one_of({"scaled_dot", "dot"}));
  });
}

}  // namespace

void describe(ModelConfig& config, ConfigVisitor& v) {
  v.field("kind", config.kind, "Which stacks there are.", Allowed::one_of({"encoder_decoder", "decoder_only"}));
  v.field("width", config.width, "Width of token vectors.", Allowed::between(1, 65536));
  v.field("encoder_layers", config.encoder_layers, "Layers of the encoder.", Allowed::between(0, 1024));
  v.field("decoder_layers", config.decoder_layers, "Layers of the decoder.", Allowed::between(1, 1024));
  v.field("max_length", config.max_length, "Longest sequence, in tokens.", Allowed::between(2, 1 << 20));
  v.field("position", config.position, "How positions reach the model.",
          Allowed::one_of({"sinusoidal", "learned", "none"}));
  v.field("tie_embeddings", config.tie_embeddings, "One table for source, target and output.", Allowed::any());
  v.field("vocab_size", config.vocab_size, "Tokens; 0: as the tokenizer says.", Allowed::between(0, 1e8));
  describe_layer_keys(config.layer, v);
  v.section("encoder", "Overrides for all encoder layers.", [&] { describe_layer_keys(config.encoder, v); });
  v.section("decoder", "Overrides for all decoder layers.", [&] {
    describe_layer_keys(config.decoder, v);
    v.section("cross", "Overrides for cross-attention.", [&] { describe_layer_keys(config.decoder_cross, v); });
  });
  v.items("layer", "Overrides for some layers.", config.layers, [&](LayerOverride& entry) {
    v.field("stack", entry.stack, "Which stack.", Allowed::one_of({"all", "encoder", "decoder"}));
    v.field("layers", entry.layers, "\"all\", \"3\", \"0-2\" or \"every 2\".", Allowed::any());
    describe_layer_keys(entry.keys, v);
  });
}

}  // namespace heddle::model
