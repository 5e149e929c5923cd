#include "heddle/nn/attention/head_matrices.h"

#include "heddle/base/error.h"

namespace heddle::nn::attentions {
namespace {

// Where a head's rows of one projection lie.
struct Part {
  std::string matrix;  // name.matrix.weight and .bias
  int64_t first;       // row of head 0
};

struct Layout {
  Part query, key, value;
};

Layout layout_of(const AttentionConfig& config) {
  const int64_t inner = config.inner(), keys = config.of_head() * config.of_keys();
  const std::string& kind = config.projection;
  if (kind == "separate") return {{"query", 0}, {"key", 0}, {"value", 0}};
  if (kind == "fused" || kind == "multi_query" || kind == "grouped")
    return {{"qkv", 0}, {"qkv", inner}, {"qkv", inner + keys}};
  fail_input(
      "model.attention.projection = \"{}\" has no matrices of each head; choose fused, separate, multi_query or "
      "grouped",
      kind);
}

// Calls visit(matrix rows, bias, stored weight rows, stored bias) for the query, key and value of head h.
template <class Visit>
void each_part(const Parameters& parameters, const WeightSet& weights, const std::string& name,
               const AttentionConfig& config, int64_t h, Visit&& visit) {
  const Layout layout = layout_of(config);
  const int64_t width = config.of_head(), of_key = h * config.of_keys() / config.heads;
  const auto part = [&](const Part& of, int64_t head, int which) {
    const int64_t first = of.first + head * width;
    const Tensor weight = weights.of(parameters.find(name + "." + of.matrix + ".weight")),
                 bias = weights.of(parameters.find(name + "." + of.matrix + ".bias"));
    visit(which, weight.row_range(first, first + width),
          bias.reshape({1, bias.count()}).column_range(first, first + width));
  };
  part(layout.query, h, 0);
  part(layout.key, of_key, 1);
  part(layout.value, of_key, 2);
}

Tensor output_columns(const Parameters& parameters, const WeightSet& weights, const std::string& name,
                      const AttentionConfig& config, int64_t h) {
  const int64_t width = config.of_head();
  return weights.of(parameters.find(name + ".output.weight")).column_range(h * width, (h + 1) * width);
}

}  // namespace

std::vector<HeadMatrices> split_heads(const Parameters& parameters, const WeightSet& weights, const std::string& name,
                                      const AttentionConfig& config) {
  std::vector<HeadMatrices> heads(static_cast<size_t>(config.heads));
  for (int64_t h = 0; h < config.heads; ++h) {
    HeadMatrices& head = heads[static_cast<size_t>(h)];
    Tensor* matrices[] = {&head.query, &head.key, &head.value};
    Tensor* biases[] = {&head.query_bias, &head.key_bias, &head.value_bias};
    each_part(parameters, weights, name, config, h, [&](int which, const Tensor& matrix, const Tensor& bias) {
      *matrices[which] = keep(matrix);
      *biases[which] = keep(bias);
    });
    head.output = keep(output_columns(parameters, weights, name, config, h));
  }
  return heads;
}

void join_heads(const std::vector<HeadMatrices>& heads, const Parameters& parameters, const std::string& name,
                const AttentionConfig& config, WeightSet& weights) {
  HEDDLE_CHECK(std::ssize(heads) == config.heads, "{} heads for an attention of {}", heads.size(), config.heads);
  for (int64_t h = config.heads - 1; h >= 0; --h) {  // the first of those that share keys is written last
    const HeadMatrices& head = heads[static_cast<size_t>(h)];
    const Tensor* matrices[] = {&head.query, &head.key, &head.value};
    const Tensor* biases[] = {&head.query_bias, &head.key_bias, &head.value_bias};
    each_part(parameters, weights, name, config, h, [&](int which, const Tensor& matrix, const Tensor& bias) {
      copy_into(*matrices[which], matrix);
      copy_into(biases[which]->reshape({1, biases[which]->count()}), bias);
    });
    copy_into(head.output, output_columns(parameters, weights, name, config, h));
  }
  weights.touch();
}

}  // namespace heddle::nn::attentions
