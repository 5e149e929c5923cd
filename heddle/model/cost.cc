#include "heddle/model/cost.h"

#include <numeric>

#include "heddle/base/error.h"
#include "heddle/model/layer_sharing.h"
#include "heddle/nn/attention/kind.h"
#include "heddle/nn/attention/latent.h"
#include "heddle/nn/embedding/factorised.h"

namespace heddle::model {
namespace {

constexpr int64_t kFloat = 4;

int64_t sum(std::span<const int64_t> lengths) { return std::accumulate(lengths.begin(), lengths.end(), int64_t{0}); }

// Of the weights whose names begin so.
int64_t parameters_under(const nn::Parameters& parameters, std::string_view prefix) {
  int64_t count = 0;
  for (const nn::ParameterInfo& info : parameters.all())
    if (info.name.starts_with(prefix)) count += info.shape.count();
  return count;
}

int64_t position_parameters(const nn::PositionConfig& config) {
  if (config.kind == "none") return 0;
  if (config.kind == "learned") return config.max_length * config.width;
  nn::PositionConfig small = config;
  small.max_length = 2;  // the others' weights do not grow with it; their tables do
  nn::Parameters parameters;
  nn::positions::make({parameters, "position"}, small);
  return parameters.parameter_count();
}

// `reads`: numbers that enter the block; `kept`: that it makes and keeps.
BlockCost block(std::string name, int64_t parameters, int64_t operations, int64_t reads, int64_t kept) {
  return {.name = std::move(name),
          .parameters = parameters,
          .operations = operations,
          .activation_bytes = kFloat * kept,
          .bytes = kFloat * (parameters + reads + kept)};
}

// Queries of `tokens` rows over keys of `memory` rows; `pairs` of them see each other, in every head.
BlockCost attention(const std::string& name, int64_t parameters, const nn::AttentionConfig& a, int64_t tokens,
                    int64_t memory, int64_t pairs, bool crosses) {
  const int64_t inner = a.inner(), width = a.width, keys = a.of_head() * a.of_keys();
  // Multiply-adds of a token that asks, and of one that is seen.
  const bool has_query = crosses || a.projection != "value_only";
  const bool has_key = has_query && (crosses || a.projection != "shared_qk");
  const int64_t asking = (has_query ? width * inner : 0) + (a.score == "bilinear" ? inner * a.of_head() : 0);
  const int64_t rank = !crosses && a.projection == "latent" ? nn::attentions::Latent::rank_of(a) : 0;
  const int64_t seen = rank ? rank * (width + 2 * keys) : width * keys * (has_key ? 2 : 1);
  const nn::attentions::KindEntry& kind = nn::attentions::find_kind(a.kind);
  const int64_t operations =
      2 * (tokens * (asking + inner * width) + memory * seen) + 2 * kind.products(a, tokens, memory, pairs);
  // Queries, keys and values; what attention makes of them, with the sum of each row; the output.
  const int64_t features = kind.features(a);
  const int64_t kept = features * (a.heads * tokens + a.of_keys() * memory) + keys * memory +
                       tokens * (inner + a.heads) + tokens * width;
  return block(name, parameters, operations, width * (tokens + (crosses ? memory : 0)), kept);
}

BlockCost feed_forward(const std::string& name, int64_t parameters, const nn::LayerConfig& layer, int64_t tokens) {
  const nn::feedforward::Cost cost = nn::feedforward::find(layer.feed_forward.kind).cost(layer.feed_forward);
  return block(name, parameters, 2 * tokens * cost.products, tokens * layer.width, tokens * (cost.kept + layer.width));
}

class Listing {
 public:
  Listing(const ModelConfig& config, std::span<const int64_t> source, std::span<const int64_t> target)
      : config_(config), source_(source), target_(target) {}

  std::vector<BlockCost> all() {
    if (config_.kind == "encoder_decoder") {
      embedding("encoder.embedding", Stack::encoder, true);
      shared_positions("encoder.position", Stack::encoder);
      for (int64_t i = 0; i < config_.encoder_layers; ++i) encoder_layer(i);
      final_norm("encoder.norm", Stack::encoder, config_.encoder_layers);
    }
    embedding("decoder.embedding", Stack::decoder, !(config_.tie_embeddings && config_.kind == "encoder_decoder"));
    shared_positions("decoder.position", Stack::decoder);
    for (int64_t i = 0; i < config_.decoder_layers; ++i) decoder_layer(i);
    final_norm("decoder.norm", Stack::decoder, config_.decoder_layers);
    output();
    return std::move(blocks_);
  }

 private:
  int64_t tokens(Stack stack) const { return sum(stack == Stack::encoder ? source_ : target_); }

  void embedding(const std::string& name, Stack stack, bool owns_table) {
    const int64_t n = tokens(stack), width = config_.width;
    const std::string position = embedding_config(config_, stack).position;
    const bool positions = position != "none";
    int64_t parameters = owns_table ? config_.vocab_size * width : 0;
    if (nn::EmbeddingConfig sources = embedding_config(config_, stack); !sources.is_table()) {
      sources.position = "none";
      nn::Parameters all;
      const nn::TokenEmbedding made(all, "embedding", sources);
      parameters = owns_table ? all.parameter_count() : 0;
    }
    if (position == "learned") parameters += config_.max_length * width;
    BlockCost cost = block(name, parameters, (positions ? 2 : 1) * n * width, 0, n * width);
    cost.bytes = kFloat * n * width * (positions ? 3 : 2);  // only the rows that are looked up move
    blocks_.push_back(cost);
  }

  // The position scheme that the layers of a stack share; its tables are its own, and cost nothing.
  void shared_positions(const std::string& name, Stack stack) {
    const int64_t parameters = position_parameters(shared_position(config_, stack));
    if (parameters > 0) blocks_.push_back(block(name, parameters, 0, 0, 0));
  }

  void encoder_layer(int64_t i) {
    nn::LayerConfig layer = resolve_layer(config_, Stack::encoder, i);
    const std::string name = fmt::format("encoder.layers.{}.", i);
    nn::Parameters parameters;
    if (weight_layer(config_, i) < i) layer.position.kind = "none";  // its weights are counted already
    else nn::EncoderLayer(parameters, "layer", static_cast<int>(i), without_position(layer));
    int64_t pairs = 0;
    for (const int64_t n : source_) pairs += n * n;
    const int64_t n = tokens(Stack::encoder);
    self_attention(name, parameters, layer, n, pairs);
    feed_forward_block(name, parameters, layer, n);
  }

  void decoder_layer(int64_t i) {
    nn::LayerConfig layer = resolve_layer(config_, Stack::decoder, i);
    const std::string name = fmt::format("decoder.layers.{}.", i);
    const bool crosses = config_.kind == "encoder_decoder";
    nn::Parameters parameters;
    if (weight_layer(config_, i) < i) layer.position.kind = "none";
    else nn::DecoderLayer(parameters, "layer", static_cast<int>(i), without_position(layer), crosses);
    const int64_t n = tokens(Stack::decoder), memory = tokens(Stack::encoder);
    int64_t causal = 0, across = 0;
    for (size_t s = 0; s < target_.size(); ++s) {
      causal += target_[s] * (target_[s] + 1) / 2;
      across += source_.empty() ? 0 : target_[s] * source_[s];
    }
    self_attention(name, parameters, layer, n, causal);
    if (crosses && layer.self_attention.reads_memory) read_memory(layer.self_attention, memory, across);
    else if (crosses)
      blocks_.push_back(attention(name + "cross_attention", parameters_under(parameters, "layer.cross_attention"),
                                  layer.cross_attention, n, memory, across, true));
    feed_forward_block(name, parameters, layer, n);
  }

  static nn::LayerConfig without_position(nn::LayerConfig layer) {
    layer.position.kind = "none";
    return layer;
  }

  void self_attention(const std::string& name, const nn::Parameters& parameters, const nn::LayerConfig& layer,
                      int64_t tokens, int64_t pairs) {
    blocks_.push_back(
        attention(name + "self_attention",
                  parameters_under(parameters, "layer.self_attention") + position_parameters(layer.position),
                  layer.self_attention, tokens, tokens, pairs, false));
  }

  // What the last block, a self-attention, does besides where it reads a memory too.
  void read_memory(const nn::AttentionConfig& a, int64_t memory, int64_t across) {
    const int64_t keys = a.of_head() * a.of_keys();
    BlockCost& cost = blocks_.back();
    cost.operations += 2 * (2 * memory * a.width * keys + 2 * across * a.inner());
    cost.activation_bytes += kFloat * 2 * memory * keys;
    cost.bytes += kFloat * memory * (a.width + 2 * keys);
  }

  void feed_forward_block(const std::string& name, const nn::Parameters& parameters, const nn::LayerConfig& layer,
                          int64_t tokens) {
    if (layer.feed_forward.kind == "none") return;
    blocks_.push_back(
        feed_forward(name + "feed_forward", parameters_under(parameters, "layer.feed_forward"), layer, tokens));
  }

  void final_norm(const std::string& name, Stack stack, int64_t layers) {
    if (layers == 0) return;
    const nn::LayerConfig last = resolve_layer(config_, stack, layers - 1);
    if (!last.ends_with_sum()) return;
    nn::Parameters parameters;
    nn::norms::make({parameters, "norm"}, last.step.norm);
    const int64_t numbers = tokens(stack) * config_.width;
    blocks_.push_back(block(name, parameters.parameter_count(), 0, numbers, numbers));
  }

  void output() {
    const int64_t n = tokens(Stack::decoder);
    const nn::EmbeddingConfig embedding = embedding_config(config_, Stack::decoder);
    int64_t weight = config_.width * config_.vocab_size;
    if (config_.tie_embeddings && !embedding.is_table())
      weight = nn::embeddings::Factorised::rank_of(embedding.sources[0]) * (config_.width + config_.vocab_size);
    BlockCost cost = block("output", (config_.tie_embeddings ? 0 : weight) + config_.vocab_size, 2 * n * weight,
                           n * config_.width, 0);  // the loss keeps no logits
    cost.bytes += config_.tie_embeddings ? kFloat * weight : 0;
    blocks_.push_back(cost);
  }

  const ModelConfig& config_;
  std::span<const int64_t> source_, target_;
  std::vector<BlockCost> blocks_;
};

}  // namespace

std::vector<BlockCost> forward_cost(const ModelConfig& config, std::span<const int64_t> source_lengths,
                                    std::span<const int64_t> target_lengths) {
  validate(config);
  if (config.kind == "decoder_only" && !source_lengths.empty())
    fail_input("a decoder-only model has no source, but {} source lengths are given; give none", source_lengths.size());
  if (config.kind == "encoder_decoder" && source_lengths.size() != target_lengths.size())
    fail_input("{} source lengths and {} target lengths make no pairs; give one of each for every pair",
               source_lengths.size(), target_lengths.size());
  return Listing(config, source_lengths, target_lengths).all();
}

BlockCost total(std::span<const BlockCost> blocks) {
  BlockCost all{.name = "total"};
  for (const BlockCost& one : blocks) {
    all.parameters += one.parameters;
    all.operations += one.operations;
    all.activation_bytes += one.activation_bytes;
    all.bytes += one.bytes;
  }
  return all;
}

}  // namespace heddle::model
