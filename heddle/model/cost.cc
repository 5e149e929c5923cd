#include "heddle/model/cost.h"

#include <numeric>

#include "heddle/base/error.h"

namespace heddle::model {
namespace {

constexpr int64_t kFloat = 4;

int64_t sum(std::span<const int64_t> lengths) { return std::accumulate(lengths.begin(), lengths.end(), int64_t{0}); }

int64_t norm_parameters(const nn::LayerConfig& layer) {
  return layer.norm == kernels::NormKind::layer ? 2 * layer.width : layer.width;
}

int64_t linear_parameters(int64_t in, int64_t out) { return in * out + out; }

// `reads`: numbers that enter the block; `kept`: that it makes and keeps.
BlockCost block(std::string name, int64_t parameters, int64_t operations, int64_t reads, int64_t kept) {
  return {.name = std::move(name),
          .parameters = parameters,
          .operations = operations,
          .activation_bytes = kFloat * kept,
          .bytes = kFloat * (parameters + reads + kept)};
}

// Queries of `tokens` rows over keys of `memory` rows; `pairs` of them see each other, in every head.
BlockCost attention(const std::string& name, const nn::LayerConfig& layer, const nn::AttentionConfig& a, int64_t tokens,
                    int64_t memory, int64_t pairs, bool crosses) {
  const int64_t inner = a.inner(), width = layer.width;
  const int64_t parameters =
      3 * linear_parameters(width, inner) + linear_parameters(inner, width) + norm_parameters(layer);
  const int64_t operations = 2 * width * inner * (2 * tokens + 2 * memory) + 4 * pairs * inner;
  // Queries, keys and values; what attention makes of them, with the log-sum of each row; the output.
  const int64_t kept = inner * (tokens + 2 * memory) + tokens * (inner + a.heads) + tokens * width;
  return block(name, parameters, operations, width * (tokens + (crosses ? memory : 0)), kept);
}

BlockCost feed_forward(const std::string& name, const nn::LayerConfig& layer, int64_t tokens) {
  const int64_t width = layer.width, inner = layer.feed_forward.inner;
  // relu keeps its output alone, other activations what they were given too.
  const int64_t neurons = layer.feed_forward.activation == kernels::Activation::relu ? 1 : 2;
  return block(name, linear_parameters(width, inner) + linear_parameters(inner, width) + norm_parameters(layer),
               4 * tokens * width * inner, tokens * width, tokens * (neurons * inner + width));
}

class Listing {
 public:
  Listing(const ModelConfig& config, std::span<const int64_t> source, std::span<const int64_t> target)
      : config_(config), source_(source), target_(target) {}

  std::vector<BlockCost> all() {
    if (config_.kind == "encoder_decoder") {
      embedding("encoder.embedding", Stack::encoder, true);
      for (int64_t i = 0; i < config_.encoder_layers; ++i) encoder_layer(i);
      final_norm("encoder.norm", Stack::encoder, config_.encoder_layers);
    }
    embedding("decoder.embedding", Stack::decoder, !(config_.tie_embeddings && config_.kind == "encoder_decoder"));
    for (int64_t i = 0; i < config_.decoder_layers; ++i) decoder_layer(i);
    final_norm("decoder.norm", Stack::decoder, config_.decoder_layers);
    output();
    return std::move(blocks_);
  }

 private:
  int64_t tokens(Stack stack) const { return sum(stack == Stack::encoder ? source_ : target_); }

  void embedding(const std::string& name, Stack stack, bool owns_table) {
    const int64_t n = tokens(stack), width = config_.width;
    const bool positions = config_.position != "none";
    int64_t parameters = owns_table ? config_.vocab_size * width : 0;
    if (config_.position == "learned") parameters += config_.max_length * width;
    BlockCost cost = block(name, parameters, (positions ? 2 : 1) * n * width, 0, n * width);
    cost.bytes = kFloat * n * width * (positions ? 3 : 2);  // only the rows that are looked up move
    blocks_.push_back(cost);
  }

  void encoder_layer(int64_t i) {
    const nn::LayerConfig layer = resolve_layer(config_, Stack::encoder, i);
    const std::string name = fmt::format("encoder.layers.{}.", i);
    int64_t pairs = 0;
    for (const int64_t n : source_) pairs += n * n;
    const int64_t n = tokens(Stack::encoder);
    blocks_.push_back(attention(name + "self_attention", layer, layer.self_attention, n, n, pairs, false));
    blocks_.push_back(feed_forward(name + "feed_forward", layer, n));
  }

  void decoder_layer(int64_t i) {
    const nn::LayerConfig layer = resolve_layer(config_, Stack::decoder, i);
    const std::string name = fmt::format("decoder.layers.{}.", i);
    const int64_t n = tokens(Stack::decoder), memory = tokens(Stack::encoder);
    int64_t causal = 0, across = 0;
    for (size_t s = 0; s < target_.size(); ++s) {
      causal += target_[s] * (target_[s] + 1) / 2;
      across += source_.empty() ? 0 : target_[s] * source_[s];
    }
    blocks_.push_back(attention(name + "self_attention", layer, layer.self_attention, n, n, causal, false));
    if (config_.kind == "encoder_decoder")
      blocks_.push_back(attention(name + "cross_attention", layer, layer.cross_attention, n, memory, across, true));
    blocks_.push_back(feed_forward(name + "feed_forward", layer, n));
  }

  void final_norm(const std::string& name, Stack stack, int64_t layers) {
    if (layers == 0) return;
    const nn::LayerConfig last = resolve_layer(config_, stack, layers - 1);
    if (last.norm_place != nn::NormPlace::pre) return;
    const int64_t numbers = tokens(stack) * config_.width;
    blocks_.push_back(block(name, norm_parameters(last), 0, numbers, numbers));
  }

  void output() {
    const int64_t n = tokens(Stack::decoder), weight = config_.width * config_.vocab_size;
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
