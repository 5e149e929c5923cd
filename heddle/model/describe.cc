#include "heddle/model/describe.h"

#include "heddle/kernels/offset_attention.h"
#include "heddle/model/mask_text.h"
#include "heddle/nn/attention/feature_map.h"
#include "heddle/nn/attention/kind.h"
#include "heddle/nn/attention/projection.h"
#include "heddle/nn/attention/score.h"
#include "heddle/nn/feedforward/factory.h"
#include "heddle/nn/norm/factory.h"
#include "heddle/nn/position/factory.h"
#include "heddle/nn/residual/factory.h"

namespace heddle::model {
namespace {

// The names of a factory.
template <class Entry>
Allowed one_of(std::span<const Entry> entries) {
  std::vector<std::string> names;
  for (const Entry& entry : entries) names.emplace_back(entry.idea.name);
  return Allowed::one_of(std::move(names));
}

void describe_layer_keys(LayerKeys& keys, ConfigVisitor& v) {
  v.field("heads", keys.heads, "Attention heads; they divide the width unless head_width is given.",
          Allowed::between(1, 4096));
  v.field("head_width", keys.head_width, "Width of one head.", Allowed::between(1, 65536));
  v.field("ffn", keys.ffn, "Inner width of the feed-forward network.", Allowed::between(1, 1e7));
  v.field("ffn_kind", keys.ffn_kind, "Kind of feed-forward network.", one_of(nn::feedforward::all()));
  v.field("ffn_rank", keys.ffn_rank, "Rank of low_rank; a quarter of the smaller side when absent.",
          Allowed::between(1, 1e7));
  v.section("moe", "Mixture of experts, of ffn_kind moe.", [&] {
    v.field("experts", keys.moe_experts, "Experts, each of inner width ffn; 8 when absent.", Allowed::between(1, 4096));
    v.field("top_k", keys.moe_top_k, "Experts of each token; 2 when absent.", Allowed::between(1, 4096));
    v.field("expert", keys.moe_expert, "Kind of each expert; relu when absent.", one_of(nn::feedforward::all()));
    v.field("gates", keys.moe_gates, "Softmax over all experts, or over the chosen alone; all when absent.",
            Allowed::one_of({"all", "chosen"}));
    v.field("capacity", keys.moe_capacity,
            "Most tokens of a sequence that an expert takes while training, times an even share; those beyond pass by. "
            "None are dropped when absent.",
            Allowed::between(0.01, 1e6));
    v.field("balance", keys.moe_balance, "Weight of the loss that spreads tokens evenly; 0.01 when absent.",
            Allowed::between(0, 1e3));
  });
  v.section("convolution", "Convolution over the sequence, of ffn_kind convolution.", [&] {
    v.field("width", keys.convolution_width,
            "Tokens that one sees: itself and those before it, in encoders around it; "
            "5 when absent.",
            Allowed::between(1, 4096));
    v.field("gated", keys.convolution_gated, "Half of the neurons convolved, as the gate of the others.",
            Allowed::any());
  });
  v.field("norm", keys.norm, "Normalization.", one_of(nn::norms::all()));
  v.field(
      "norm_place", keys.norm_place,
      "Norm after the residual sum, before the branch, before and after the branch, or before it and after the sum.",
      Allowed::one_of({"post", "pre", "sandwich", "both"}));
  v.field("norm_groups", keys.norm_groups, "Groups of norm group; 32 or the most that divide the width when absent.",
          Allowed::between(1, 65536));
  v.field("residual", keys.residual, "How a branch joins the residual stream.", one_of(nn::residuals::all()));
  v.field("stochastic_depth", keys.stochastic_depth,
          "Probability that training leaves out the last layer's branches; earlier layers proportionally less.",
          Allowed::between(0, 0.99));
  v.field("dropout", keys.dropout, "Dropout on embeddings and on each branch.", Allowed::between(0, 0.99));
  v.field("dropout_kind", keys.dropout_kind, "What is dropped together, on embeddings, branches and neurons.",
          one_of(nn::dropouts::all()));
  v.field("attention_dropout", keys.attention_dropout, "Dropout on attention weights; as dropout when absent.",
          Allowed::between(0, 0.99));
  v.field("ffn_dropout", keys.ffn_dropout, "Dropout on the neurons; as dropout when absent.",
          Allowed::between(0, 0.99));
  v.section("attention", "How attention looks.", [&] {
    v.field("mask", keys.attention_mask,
            "Which keys a query sees: " + mask_values() +
                ", joined by &, |, ~ and brackets; absent: causal in the decoder's self-attention, full elsewhere.",
            Allowed::any());
    v.field("kind", keys.attention_kind, "How the output is made of queries, keys and values.",
            one_of(nn::attentions::all_kinds()));
    v.field("feature_map", keys.attention_feature_map, "What kind linear makes of queries and keys; elu when absent.",
            one_of(nn::attentions::all_feature_maps()));
    v.field("features", keys.attention_features,
            "Random features of a head, of feature_map performer; d·ln d for a width of d when absent.",
            Allowed::between(1, 65536));
    v.field("projected_length", keys.attention_projected_length,
            "Keys and values that kind linformer makes of a sequence's.", Allowed::between(1, 65536));
    v.field("windows", keys.attention_windows,
            "Widths of windows, such as \"4, 16, 64\": of kind head_windows those of the heads in turn, of kind "
            "mixed_windows those that every head sees.",
            Allowed::any());
    v.field("segment", keys.attention_segment, "Tokens of a segment, of kind segments; 64 when absent.",
            Allowed::between(1, 1 << 20));
    v.field("memory", keys.attention_memory,
            "Tokens before a segment that it sees, of kind segments; as many as a segment has when absent.",
            Allowed::between(0, 1 << 20));
    v.field("offsets", keys.attention_offsets, "Places that each head of kind offsets looks at; 8 when absent.",
            Allowed::between(1, kernels::kMostOffsets));
    v.field("span", keys.attention_span, "Longest span of a head, of kind adaptive_span; model.max_length when absent.",
            Allowed::between(1, 1 << 20));
    v.field("span_ramp", keys.attention_span_ramp, "Tokens over which a head's span fades out; 32 when absent.",
            Allowed::between(1, 1 << 20));
    v.field("span_loss", keys.attention_span_loss,
            "What a token of the heads' mean span costs, beside the loss of a token; 2e-6 when absent.",
            Allowed::between(0, 1e3));
    v.field("score", keys.attention_score, "How a query and a key meet.", one_of(nn::attentions::all_scores()));
    v.field(
        "projection", keys.attention_projection,
        "Where queries, keys and values come from; cross-attention, which has two sources, knows fused, multi_query "
        "and grouped, and takes the others for fused.",
        one_of(nn::attentions::all_projections()));
    v.field("key_heads", keys.attention_key_heads, "Heads of keys and values, of projection grouped; divide the heads.",
            Allowed::between(1, 4096));
    v.field("rank", keys.attention_rank,
            "Numbers of a token's latent vector, of projection latent; half of the width when absent.",
            Allowed::between(1, 65536));
    v.field("weights", keys.attention_weights,
            "Weights as a softmax gives them, or while training a random draw around them.",
            Allowed::one_of({"expected", "sampled"}));
    v.field("head_dropout", keys.attention_head_dropout,
            "Probability that training leaves out a whole head, anew for each example.", Allowed::between(0, 0.99));
    v.field("qk_norm", keys.attention_qk_norm, "Norm of each head's queries and keys.",
            Allowed::one_of({"none", "layer", "rms"}));
  });
}

void describe_source(EmbeddingKeys& keys, ConfigVisitor& v) {
  v.field("kind", keys.kind, "Where token vectors come from.", one_of(nn::embeddings::all()));
  v.field("width", keys.width, "Width of this source's vectors, of fusion concat; the model's when absent.",
          Allowed::between(1, 65536));
  v.field("rank", keys.rank,
          "Width of the table of kind factorised, a quarter of the width when absent; of the vectors in the file of "
          "kind vectors, the width when absent.",
          Allowed::between(1, 65536));
  v.field(
      "buckets", keys.buckets,
      "Rows of the table of kind hashing, a quarter of the tokens when absent; remainders of kind quotient_remainder, "
      "the root of the tokens when absent.",
      Allowed::between(1, 1e8));
  v.field("hashes", keys.hashes, "Rows that make a vector of kind hashing; 2 when absent.", Allowed::between(1, 64));
  v.field("hash", keys.hash, "How kind hashing finds rows; modulo when absent.",
          Allowed::one_of({"modulo", "consistent"}));
  v.field("characters", keys.characters, "Bytes of a token's text that kind characters reads; 16 when absent.",
          Allowed::between(1, 4096));
  v.field("character_width", keys.character_width, "Numbers of each of them; 16 when absent.",
          Allowed::between(1, 4096));
  v.field("convolutions", keys.convolutions, "The longest filter of kind characters, in bytes; 4 when absent.",
          Allowed::between(1, 64));
  v.field("file", keys.file, "Word vectors of kind vectors, read when training begins: word2vec, GloVe or fastText.",
          Allowed::any());
  v.field("frozen", keys.frozen, "Whether kind vectors keeps them as they are; true when absent.", Allowed::any());
  v.field("weight", keys.weight, "A fixed factor on this source's vectors; 1 when absent.",
          Allowed::between(-1e3, 1e3));
}

}  // namespace

void describe(ModelConfig& config, ConfigVisitor& v) {
  v.field("kind", config.kind, "Which stacks there are.", Allowed::one_of({"encoder_decoder", "decoder_only"}));
  v.field("width", config.width, "Width of token vectors.", Allowed::between(1, 65536));
  v.field("encoder_layers", config.encoder_layers, "Layers of the encoder.", Allowed::between(0, 1024));
  v.field("decoder_layers", config.decoder_layers, "Layers of the decoder.", Allowed::between(1, 1024));
  v.field("max_length", config.max_length, "Longest sequence, in tokens.", Allowed::between(2, 1 << 20));
  v.field("position", config.position, "How positions reach the model.", one_of(nn::positions::all()));
  v.field("position_per_layer", config.position_per_layer,
          "Added again before each layer, or with weights of each layer's own; else once.", Allowed::any());
  v.field("position_distance", config.position_distance,
          "Farthest distance that t5_bias and shaw tell apart, highest count of cope; 0: 128, 16 and 64.",
          Allowed::between(0, 1 << 20));
  v.section("rope", "Rotary positions.", [&] {
    v.field("base", config.rope.base, "The slowest pair turns once in 2π times this many tokens.",
            Allowed::between(2, 1e12));
    v.field("scaling", config.rope.kind, "How texts longer than the trained ones are reached.",
            Allowed::one_of({"none", "linear", "ntk", "yarn"}));
    v.field("factor", config.rope.factor, "How many times longer.", Allowed::between(1, 1e6));
    v.field("length", config.rope.length, "The trained length, of yarn; 0: max_length / factor.",
            Allowed::between(0, 1 << 20));
  });
  v.section("embedding", "Token vectors.", [&] {
    describe_source(config.embedding, v);
    v.field("fusion", config.embedding_fusion, "How several sources become one.",
            one_of(nn::embeddings::all_fusions()));
    v.field("domains", config.embedding_domains,
            "Domains of texts that fusion domains tells apart; when absent, training sets it to those of data.domains.",
            Allowed::between(1, 65536));
    v.items("beside", "Further sources.", config.embedding_beside,
            [&](EmbeddingKeys& keys) { describe_source(keys, v); });
  });
  v.field(
      "share_layers", config.share_layers,
      "Layers in a row that share one set of weights (layer_sharing.h); as many as a stack has, or more: all of it. "
      "1: none do.",
      Allowed::between(1, 1024));
  v.field(
      "exit_layers", config.exit_layers,
      "Decoder layers behind which a prediction may be made: \"all\", \"3\", \"0-2\" or \"every 2\" (early_exit.h); "
      "empty: the last alone.",
      Allowed::any());
  v.field("exit_weight", config.exit_weight, "Weight in training of the loss of each of them; the last layer's is 1.",
          Allowed::between(0, 1e3));
  v.section("hyper_connections", "Residual streams, of residual hyper_connections.", [&] {
    v.field("streams", config.hyper_streams, "How many, each of the model's width; 4 when absent.",
            Allowed::between(2, 64));
    v.field("dynamic", config.hyper_dynamic, "Mixed by the state too, not by weights alone; true when absent.",
            Allowed::any());
  });
  v.field("tie_embeddings", config.tie_embeddings, "One table for source, target and output.", Allowed::any());
  v.field("vocab_size", config.vocab_size, "Tokens; 0: as the tokenizer says.", Allowed::between(0, 1e8));
  describe_layer_keys(config.layer, v);
  v.section("encoder", "Overrides for all encoder layers.", [&] { describe_layer_keys(config.encoder, v); });
  v.section("decoder", "Overrides for all decoder layers.", [&] {
    describe_layer_keys(config.decoder, v);
    v.section("cross", "Overrides for cross-attention.", [&] {
      v.field("place", config.cross_place,
              "After self-attention, with a residual step of its own, or merged with it: one softmax over both.",
              Allowed::one_of({"separate", "merged"}));
      describe_layer_keys(config.decoder_cross, v);
    });
  });
  v.items("layer", "Overrides for some layers.", config.layers, [&](LayerOverride& entry) {
    v.field("stack", entry.stack, "Which stack.", Allowed::one_of({"all", "encoder", "decoder"}));
    v.field("layers", entry.layers, "\"all\", \"3\", \"0-2\" or \"every 2\".", Allowed::any());
    describe_layer_keys(entry.keys, v);
  });
}

}  // namespace heddle::model
