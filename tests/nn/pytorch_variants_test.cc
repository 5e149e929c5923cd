// Every idea against PyTorch, in double and in float: outputs, and gradients of the input and of every weight, on what
// fixtures/make_pytorch_variants.py stored. Inputs and weights are sines of their place.

#include <gtest/gtest.h>

#include <cmath>

#include <nlohmann/json.hpp>

#include "heddle/base/file.h"
#include "heddle/nn/feed_forward.h"
#include "heddle/nn/gradients.h"
#include "heddle/nn/multi_head_attention.h"
#include "heddle/nn/norm/factory.h"
#include "heddle/nn/position/factory.h"
#include "heddle/nn/position/t5_bias.h"
#include "heddle/nn/residual_step.h"
#include "heddle/nn/token_embedding.h"
#include "tests/places/places.h"

namespace heddle::nn {
namespace {

using Json = nlohmann::json;

const Json& fixture() {
  static const Json all = Json::parse(read_file(source_path("tests/nn/fixtures/pytorch_variants.json"), 1 << 20));
  return all;
}

struct Packed {
  std::vector<int32_t> offsets = {0, 3, 5, 9}, position = {0, 1, 2, 0, 1, 0, 1, 2, 3};
  std::vector<int32_t> domain = {0, 0, 0, kNoDomain, kNoDomain, 2, 2, 2, 2};
  std::vector<int64_t> example = {0, 0, 0, 1, 1, 2, 2, 2, 2};
  Rows rows() const { return {.offsets = offsets, .example = example, .position = position, .domain = domain}; }
};

void fill(const Tensor& tensor, int index, double base, double scale) {
  for (int64_t i = 0; i < tensor.count(); ++i) {
    const double value = base + scale * std::sin(static_cast<double>(i + 1) * (0.3 + 0.07 * index) + index);
    if (tensor.dtype() == DType::f64) tensor.data<double>()[i] = value;
    else tensor.data<float>()[i] = static_cast<float>(value);
  }
}

double number(const Tensor& tensor, int64_t i) {
  return tensor.dtype() == DType::f64 ? tensor.data<double>()[i] : static_cast<double>(tensor.data<float>()[i]);
}

void expect_digest(const Tensor& tensor, const Json& expected, const std::string& what) {
  double squares = 0, cosines = 0, sines = 0;
  for (int64_t i = 0; i < tensor.count(); ++i) {
    const double value = number(tensor, i), at = static_cast<double>(i);
    squares += value * value;
    cosines += value * std::cos(at + 0.5);
    sines += value * std::sin(2 * at + 1);
  }
  const double size = std::sqrt(expected[0].get<double>());
  const bool wide = tensor.dtype() == DType::f64;
  const double tolerance = wide ? 1e-9 : 1e-5, least = wide ? 1e-3 : 0.1;  // a gradient that cancels to nothing
  EXPECT_NEAR(std::sqrt(squares), size, tolerance * (size + least)) << what;
  const double spread = std::sqrt(static_cast<double>(tensor.count()));
  EXPECT_NEAR(cosines, expected[1].get<double>(), tolerance * (size + least) * spread) << what;
  EXPECT_NEAR(sines, expected[2].get<double>(), tolerance * (size + least) * spread) << what;
}

class InputSink : public SummedGradients {
 public:
  InputSink(const Parameters& parameters, const WeightSet& weights, const Tensor& input)
      : SummedGradients(parameters, weights), input_(input), dx(Tensor::zeros(input.shape(), input.dtype())) {}
  bool wants(const ops::Tape& tape, NodeId node) const override {
    return node == input_.node() || SummedGradients::wants(tape, node);
  }
  Tensor slot(const ops::Tape& tape, NodeId node, int group) override {
    return node == input_.node() ? dx : SummedGradients::slot(tape, node, group);
  }

 private:
  Tensor input_;

 public:
  Tensor dx;
};

// make(parameters) → what computes y from (pass, x, rows).
template <class Make>
void expect_case(const std::string& name, DType dtype, Make&& make) {
  SCOPED_TRACE(name + (dtype == DType::f64 ? " in double" : " in float"));
  const Json& facts = fixture()[name];
  const Packed packed;
  Parameters parameters;
  const auto forward = make(parameters, facts);
  WeightSet weights(parameters, dtype);
  for (const auto& [key, about] : facts["parameters"].items()) {
    const ParameterId id = parameters.find(key);
    ASSERT_NE(id, kNoParameter) << key;
    ASSERT_EQ(weights.of(id).count(), Tensor::zeros(weights.of(id).shape(), dtype).count());
    fill(weights.of(id), about["index"], about["base"], 0.4);
  }
  const Tensor numbers = Tensor::zeros({9, facts["width"].get<int64_t>()}, dtype),
               seed = Tensor::zeros(numbers.shape(), dtype);
  fill(numbers, 0, 0, 1);
  fill(seed, 99, 0, 1);
  SideLosses side_losses;
  const Pass pass = {.parameters = parameters,
                     .weights = weights,
                     .random = {},
                     .training = facts.value("training", true),
                     .side_losses = &side_losses};
  Arena arena;
  ops::Tape tape(arena);
  const Tensor x = tape.watch(numbers);
  InputSink sink(parameters, weights, x);
  const Tensor y = forward(pass, x, packed.rows());
  expect_digest(y, facts["y"], "y");
  const Tensor side = side_losses.add_to(Tensor::zeros({1}, dtype), 1).loss;
  const ops::Seed starts[] = {{y, seed}, {side, {}}};
  tape.backward({starts, side.node() == kNoNode ? 1u : 2u}, sink);
  expect_digest(sink.dx, facts["dx"], "dx");
  for (const auto& [key, about] : facts["parameters"].items())
    if (parameters.info(parameters.find(key)).trainable)
      expect_digest(sink.of(parameters.find(key)), about["gradient"], key);
  if (name != "norm batch") return;
  const Json& running = fixture()["norm batch running"];
  expect_digest(weights.of(parameters.find("m.running_mean")), running["mean"], "running mean");
  expect_digest(weights.of(parameters.find("m.running_variance")), running["variance"], "running variance");
}

template <class Make>
void expect_cases(const std::string& prefix, Make&& make) {
  int cases = 0;
  for (const auto& [name, facts] : fixture().items())
    if (name.starts_with(prefix) && facts.contains("y"))
      for (const DType dtype : {DType::f64, DType::f32}) {
        expect_case(name, dtype, make);
        ++cases;
      }
  EXPECT_GT(cases, 10);
}

TEST(PyTorchVariants, FeedForward) {
  expect_cases("ffn ", [](Parameters& parameters, const Json& facts) {
    const auto module = std::make_shared<FeedForward>(
        parameters, "m", 0,
        FeedForwardConfig{.width = 6,
                          .inner = facts["inner"],
                          .kind = facts["kind"],
                          .rank = facts.value("rank", int64_t{0}),
                          .experts = {.count = facts.value("experts", int64_t{1}),
                                      .top_k = facts.value("top_k", int64_t{1}),
                                      .among_chosen = facts.value("gates", "all") == "chosen",
                                      .balance = 0.3},
                          .convolution = {.width = facts.value("taps", int64_t{1}),
                                          .gated = facts.value("gated", false),
                                          .causal = facts.value("causal", false)}});
    return [module](const Pass& pass, const Tensor& x, const Rows& rows) { return module->forward(pass, x, rows); };
  });
}

TEST(PyTorchVariants, Norms) {
  expect_cases("norm ", [](Parameters& parameters, const Json& facts) {
    const std::shared_ptr<Norm> module = norms::make(
        {parameters, "m"}, {.kind = facts["kind"], .width = 6, .groups = facts.value("groups", int64_t{0})});
    return [module](const Pass& pass, const Tensor& x, const Rows& rows) { return module->forward(pass, x, rows); };
  });
}

TEST(PyTorchVariants, Attention) {
  expect_cases("attention ", [](Parameters& parameters, const Json& facts) {
    const bool causal = facts["causal"];
    AttentionConfig config = {.width = 8,
                              .heads = 2,
                              .head_width = 4,
                              .kind = facts.value("attention", "softmax"),
                              .feature_map = facts.value("feature_map", "elu"),
                              .features = facts.value("features", int64_t{0}),
                              .projected_length = facts.value("projected_length", int64_t{0}),
                              .max_length = 64,
                              .windows = {2, 3},
                              .offsets = 2,
                              .span = 2,
                              .span_ramp = 2,
                              .span_loss = 0.3,
                              .score = facts["score"],
                              .projection = facts["projection"],
                              .key_heads = facts["key_heads"],
                              .rank = facts["projection"] == "latent" ? 3 : 0,
                              .qk_norm = facts["qk_norm"],
                              .mask = causal ? kernels::Mask::causal() : kernels::Mask::full()};
    const std::string kind = facts["position"];
    const std::shared_ptr<const Position> position = positions::make(
        {parameters, "p"},
        {.kind = kind,
         .width = 8,
         .max_length = 64,
         .heads = 2,
         .head_width = 4,
         .causal = causal,
         .distance = kind == "shaw" || kind == "cope" ? 2 : 0,
         .rope = {.kind = facts["rope"], .factor = facts["factor"], .length = facts["rope"] == "yarn" ? 16 : 0}});
    const auto module = std::make_shared<SelfAttention>(parameters, "m", 0, config, position);
    return [module](const Pass& pass, const Tensor& x, const Rows& rows) { return module->forward(pass, x, rows); };
  });
}

TEST(PyTorchVariants, HyperConnections) {
  expect_cases("residual ", [](Parameters& parameters, const Json& facts) {
    const ResidualStepConfig config = {
        .norm = {.kind = "rms", .width = 4},
        .norm_place = NormPlace::pre,
        .residual = {
            .kind = "hyper_connections", .width = 4, .streams = facts["streams"], .dynamic = facts["dynamic"]}};
    const auto module = std::make_shared<ResidualStep>(parameters, "m", 0, config);
    return [module](const Pass& pass, const Tensor& x, const Rows& rows) {
      return module->leave(pass, x, module->enter(pass, x, rows), {}, rows);
    };
  });
}

// Added to x, as the fixtures have it.
TEST(PyTorchVariants, Embeddings) {
  static const std::vector<int32_t> ids = {0, 3, 1, 2, 2, 6, 5, 4, 0};
  expect_cases("embedding ", [](Parameters& parameters, const Json& facts) {
    EmbeddingConfig config = {.width = 6, .vocab_size = 7, .position = "none", .fusion = facts["fusion"], .domains = 3};
    for (const Json& source : facts["sources"])
      config.sources.push_back({.kind = source["kind"],
                                .vocab_size = 7,
                                .width = source["width"],
                                .rank = source.value("rank", int64_t{0}),
                                .buckets = source.value("buckets", int64_t{0}),
                                .hashes = source.value("hashes", int64_t{2}),
                                .hash = source.value("hash", "modulo"),
                                .characters = source.value("characters", int64_t{16}),
                                .character_width = source.value("character_width", int64_t{16}),
                                .convolutions = source.value("convolutions", int64_t{4}),
                                .file = "words.vec",
                                .frozen = false,
                                .weight = source.value("weight", 1.0)});
    const auto module = std::make_shared<TokenEmbedding>(parameters, "m", config);
    return [module](const Pass& pass, const Tensor& x, const Rows& rows) {
      return ops::residual_add(module->forward(pass, ids, rows), {}, x, rows, {});
    };
  });
}

TEST(PyTorchVariants, BucketsOfT5) {
  for (const bool causal : {true, false}) {
    const Json& buckets = fixture()["t5 buckets"][causal ? "true" : "false"];
    for (int64_t distance = -200; distance <= 200; ++distance)
      EXPECT_EQ(positions::T5Bias::bucket(distance, causal), buckets[static_cast<size_t>(distance + 200)].get<int>())
          << distance;
  }
}

}  // namespace
}  // namespace heddle::nn
