#include "heddle/nn/multi_head_attention.h"

#include <gtest/gtest.h>

#include "heddle/base/random.h"
#include "heddle/nn/attention/head_matrices.h"

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

Tensor affine(const Tensor& x, const Tensor& matrix, const Tensor& bias) {
  const Tensor y = Tensor::zeros({x.rows(), matrix.rows()}, DType::f64);
  for (int64_t r = 0; r < x.rows(); ++r)
    for (int64_t o = 0; o < matrix.rows(); ++o) {
      double sum = bias.defined() ? bias.data<double>()[o] : 0;
      for (int64_t i = 0; i < x.width(); ++i)
        sum += matrix.data<double>()[o * x.width() + i] * x.data<double>()[r * x.width() + i];
      y.data<double>()[r * y.width() + o] = sum;
    }
  return y;
}

// One head after the other, each with matrices of its own, and the sum of what they give: the same function as all
// heads at once, joined end to end. Taken apart and joined again, weights are what they were.
TEST(MultiHeadAttention, FusedIsTheSumOfHeads) {
  for (const char* projection : {"fused", "separate", "multi_query", "grouped"}) {
    SCOPED_TRACE(projection);
    AttentionConfig config = {.width = 12, .heads = 4, .head_width = 5, .projection = projection, .key_heads = 2};
    Parameters parameters;
    const SelfAttention attention(parameters, "a", 0, config);
    WeightSet weights = parameters.make_set(DType::f64), again = parameters.make_set(DType::f64);
    RandomStream random({3, 0, 0, 0});
    for (const ParameterInfo& info : parameters.all())
      for (double& w : weights.of(parameters.find(info.name)).span<double>()) w = 0.4 * random.normal();
    const std::vector<int32_t> offsets = {0, 5}, position = {0, 1, 2, 3, 4};
    const std::vector<int64_t> example(5);
    const Rows rows = {offsets, example, position};
    const Tensor x = Tensor::zeros({5, 12}, DType::f64);
    for (double& value : x.span<double>()) value = random.normal();
    const Tensor together = attention.forward({.parameters = parameters, .weights = weights, .random = {}}, x, rows);
    const auto heads = attentions::split_heads(parameters, weights, "a", config);
    const Tensor sum = Tensor::zeros(together.shape(), DType::f64);
    for (const attentions::HeadMatrices& head : heads) {
      const Tensor mixed =
          ops::attention(affine(x, head.query, head.query_bias), affine(x, head.key, head.key_bias),
                         affine(x, head.value, head.value_bias), rows, rows, {.heads = 1, .scale = 1 / std::sqrt(5.0)});
      const Tensor part = affine(mixed, head.output, {});
      for (int64_t i = 0; i < sum.count(); ++i) sum.data<double>()[i] += part.data<double>()[i];
    }
    for (int64_t i = 0; i < sum.count(); ++i)
      EXPECT_NEAR(sum.data<double>()[i], together.data<double>()[i], 1e-12) << i;
    copy_into(weights.of(parameters.find("a.output.bias")), again.of(parameters.find("a.output.bias")));
    attentions::join_heads(heads, parameters, "a", config, again);
    for (int64_t i = 0; i < weights.flat().count(); ++i)
      ASSERT_EQ(again.flat().data<double>()[i], weights.flat().data<double>()[i]) << i;
  }
  AttentionConfig other = kConfig;
  other.projection = "latent";
  Parameters parameters;
  const WeightSet none = parameters.make_set(DType::f64);
  EXPECT_THROW(attentions::split_heads(parameters, none, "a", other), InputError);
}

}  // namespace
}  // namespace heddle::nn
