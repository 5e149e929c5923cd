#include "heddle/nn/multi_head_attention.h"

#include <gtest/gtest.h>

namespace heddle::nn {
namespace {

const AttentionConfig kConfig = {
    .width = 8, .heads = 2, .head_width = 4, .dropout = 0.0, .mask = kernels::Mask::causal()};

Tensor attend(const AttentionConfig& config, double query_factor) {
  Parameters parameters;
  const SelfAttention attention(parameters, "a", 0, config);
  WeightSet weights = parameters.make_set(DType::f64);
  parameters.initialize(weights, 5);
  const auto qkv = weights.of(parameters.find("a.qkv.weight")).span<double>();
  for (int64_t i = 0; i < config.inner() * config.width; ++i) qkv[static_cast<size_t>(i)] *= query_factor;
  weights.touch();
  const std::vector<int32_t> offsets = {0, 3}, position = {0, 1, 2};
  const std::vector<int64_t> example = {0, 0, 0};
  std::vector<double> x(24);
  for (size_t i = 0; i < x.size(); ++i) x[i] = std::sin(static_cast<double>(i));
  return attention.forward({.parameters = parameters, .weights = weights, .random = {}},
                           Tensor::from<double>({3, 8}, x), {offsets, example, position});
}

// q·k of heads of width 4 is twice q·k/√4.
TEST(MultiHeadAttention, DotIsScaledDotWithLongerQueries) {
  AttentionConfig dot = kConfig;
  dot.score = "dot";
  const Tensor unscaled = attend(dot, 1), longer = attend(kConfig, 2), scaled = attend(kConfig, 1);
  double difference = 0;
  for (int64_t i = 0; i < unscaled.count(); ++i) {
    EXPECT_NEAR(unscaled.data<double>()[i], longer.data<double>()[i], 1e-12);
    difference += std::abs(unscaled.data<double>()[i] - scaled.data<double>()[i]);
  }
  EXPECT_GT(difference, 1e-3);
}

}  // namespace
}  // namespace heddle::nn
