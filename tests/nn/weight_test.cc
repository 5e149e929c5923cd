// A weight's chain of transforms, on the weight or on the product, with gradients through both.

#include "heddle/nn/weight.h"

#include <gtest/gtest.h>

#include <cmath>

#include "heddle/nn/gradients.h"
#include "heddle/nn/linear.h"
#include "heddle/ops/residual_norm.h"

namespace heddle::nn {
namespace {

constexpr int64_t kIn = 4, kOut = 6, kRank = 2;

struct OneLinear {
  Parameters parameters;
  Linear linear;
  ParameterId down, down_transposed, up;
  std::vector<int32_t> offsets{0, 2, 5}, position{0, 1, 0, 1, 2};
  std::vector<int64_t> example{0, 0, 1, 1, 1};

  OneLinear()
      : linear(Linear::declare(parameters, "layer", "attention", 0, kIn, kOut)),
        down(parameters.declare(
            {.name = "layer.lora.down", .role = "adapter", .shape = {kIn, kRank}, .init = Init::normal(0.5)})),
        down_transposed(parameters.declare(
            {.name = "layer.lora.turned", .role = "adapter", .shape = {kRank, kIn}, .init = Init::normal(0.5)})),
        up(parameters.declare(
            {.name = "layer.lora.up", .role = "adapter", .shape = {kOut, kRank}, .init = Init::normal(0.5)})) {}
  Rows rows() const { return {offsets, example, position}; }
};

Tensor random_tensor(Shape shape, uint64_t seed) {
  RandomStream random({seed, 0, 0, 0});
  Tensor tensor = Tensor::zeros(shape, DType::f64);
  for (double& x : tensor.span<double>()) x = random.normal();
  return tensor;
}

// Rows of a matrix that is no batch: one sequence.
struct MatrixRows {
  std::vector<int32_t> offsets, position;
  std::vector<int64_t> example;
  explicit MatrixRows(int64_t count) : offsets{0, static_cast<int32_t>(count)}, example(static_cast<size_t>(count)) {
    for (int32_t i = 0; i < count; ++i) position.push_back(i);
  }
  Rows rows() const { return {offsets, example, position}; }
};

Tensor sum(const Tensor& a, const Tensor& b, const Rows& rows) { return ops::residual_add(a, {}, b, rows, {}); }

// W + up·downᵀ: a low-rank update of the weight (Hu et al. 2021).
class LowRank : public WeightTransform {
 public:
  LowRank(ParameterId down, ParameterId up) : down_(down), up_(up) {}
  Tensor on_weight(const Tensor& w, const Pass& pass) const override {
    return sum(ops::linear(weight(up_, pass).dense(), weight(down_, pass).dense(), {}, rows_.rows()), w, rows_.rows());
  }

 private:
  ParameterId down_, up_;
  MatrixRows rows_{kOut};
};

// y + (x·down)·upᵀ: the same update, of the product; the dense weight is never made.
class Adapter : public WeightTransform {
 public:
  Adapter(ParameterId down_transposed, ParameterId up) : down_(down_transposed), up_(up) {}
  bool acts_on_product() const override { return true; }
  Tensor on_product(const Tensor& x, const Tensor& y, const Rows& rows, const Pass& pass) const override {
    const Tensor narrow = ops::linear(x, weight(down_, pass).dense(), {}, rows);
    return sum(ops::linear(narrow, weight(up_, pass).dense(), {}, rows), y, rows);
  }

 private:
  ParameterId down_, up_;
};

class Doubled : public WeightTransform {
 public:
  Tensor on_weight(const Tensor& w, const Pass&) const override { return sum(w, w, rows_.rows()); }

 private:
  MatrixRows rows_{kOut};
};

struct Result {
  Tensor y;
  std::vector<double> dup, dweight;
};

Result run(const OneLinear& m, const WeightSet& weights, kernels::Activation activation = kernels::Activation::none) {
  const Pass pass = {.parameters = m.parameters, .weights = weights, .random = {}};
  SummedGradients gradients(m.parameters, weights);
  Arena arena;
  ops::Tape tape(arena);
  const Tensor y = m.linear.forward(pass, random_tensor({5, kIn}, 1), m.rows(), {.activation = activation});
  const ops::Seed seed{y, random_tensor({5, kOut}, 2)};
  tape.backward({&seed, 1}, gradients);
  const auto copy = [&](ParameterId id) {
    const auto span = gradients.of(id).span<double>();
    return std::vector<double>(span.begin(), span.end());
  };
  return {keep(y), copy(m.up), copy(m.linear.weight)};
}

WeightSet random_weights(const OneLinear& m) {
  WeightSet weights = m.parameters.make_set(DType::f64);
  m.parameters.initialize(weights, 3);
  // down_transposed holds down's numbers, turned.
  for (int64_t r = 0; r < kRank; ++r)
    for (int64_t c = 0; c < kIn; ++c)
      weights.of(m.down_transposed).data<double>()[r * kIn + c] = weights.of(m.down).data<double>()[c * kRank + r];
  for (double& b : weights.of(m.linear.bias).span<double>()) b = 0.3;
  return weights;
}

void expect_near(std::span<const double> a, std::span<const double> b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-12);
}

double largest(const std::vector<double>& values) {
  double most = 0;
  for (double v : values) most = std::max(most, std::abs(v));
  return most;
}

TEST(Weight, AWeightTransformAndAProductTransformAgree) {
  for (const auto activation : {kernels::Activation::none, kernels::Activation::gelu}) {
    OneLinear m;
    const WeightSet weights = random_weights(m);
    const Result plain = run(m, weights, activation);
    m.parameters.attach(m.linear.weight, std::make_shared<LowRank>(m.down, m.up));
    const Result on_weight = run(m, weights, activation);
    m.parameters.detach(m.linear.weight);
    m.parameters.attach(m.linear.weight, std::make_shared<Adapter>(m.down_transposed, m.up));
    const Result on_product = run(m, weights, activation);
    EXPECT_EQ(largest(plain.dup), 0);
    EXPECT_GT(largest(on_weight.dup), 0.01);
    expect_near(on_weight.y.span<double>(), on_product.y.span<double>());
    expect_near(on_weight.dup, on_product.dup);
    expect_near(on_weight.dweight, on_product.dweight);
    m.parameters.detach(m.linear.weight);
    expect_near(run(m, weights, activation).y.span<double>(), plain.y.span<double>());
  }
}

TEST(Weight, TheLastAttachedActsLast) {
  OneLinear m;
  const WeightSet weights = random_weights(m);
  const Pass pass = {.parameters = m.parameters, .weights = weights, .random = {}};
  const Tensor plain = weight(m.linear.weight, pass).dense();
  m.parameters.attach(m.linear.weight, std::make_shared<LowRank>(m.down, m.up));
  const Tensor updated = weight(m.linear.weight, pass).dense();
  m.parameters.attach(m.linear.weight, std::make_shared<Doubled>());
  const Tensor doubled_last = weight(m.linear.weight, pass).dense();
  EXPECT_NE(plain.data<double>()[5], updated.data<double>()[5]);
  for (int64_t i = 0; i < plain.count(); ++i)
    EXPECT_NEAR(doubled_last.data<double>()[i], 2 * updated.data<double>()[i], 1e-12);
}

}  // namespace
}  // namespace heddle::nn
