// Inference reads packed copies of the weights. They never show old numbers, another set's, or the
// weight without its transforms.

#include <gtest/gtest.h>

#include "heddle/nn/linear.h"
#include "heddle/ops/residual_norm.h"

namespace heddle::nn {
namespace {

constexpr int64_t kIn = 32, kOut = 48;

struct OneLinear {
  Parameters parameters;
  Linear linear = Linear::declare(parameters, "layer", "attention", 0, kIn, kOut);
  std::vector<int32_t> offsets{0, 3}, position{0, 1, 2};
  std::vector<int64_t> example{0, 0, 0};
  Tensor x = Tensor::zeros({3, kIn}, DType::f32);

  OneLinear() {
    RandomStream random({1, 0, 0, 0});
    for (float& v : x.span<float>()) v = static_cast<float>(random.normal());
  }
  Rows rows() const { return {offsets, example, position}; }
  WeightSet set(uint64_t seed) const {
    WeightSet weights = parameters.make_set(DType::f32);
    parameters.initialize(weights, seed);
    return weights;
  }
  Tensor run(const WeightSet& weights) const {
    return linear.forward({.parameters = parameters, .weights = weights, .random = {}}, x, rows());
  }
  // x·Wᵀ times `factor`, number by number.
  void expect_product(const WeightSet& weights, float factor, const char* what) const {
    const Tensor y = run(weights);
    const float* w = weights.of(linear.weight).data<float>();
    for (int64_t r = 0; r < 3; ++r)
      for (int64_t o = 0; o < kOut; ++o) {
        float sum = 0;
        for (int64_t i = 0; i < kIn; ++i) sum += x.data<float>()[r * kIn + i] * w[o * kIn + i];
        ASSERT_NEAR(y.data<float>()[r * kOut + o], factor * sum, 1e-4f) << what;
      }
  }
};

class Doubled : public WeightTransform {
 public:
  Tensor on_weight(const Tensor& w, const Pass&) const override {
    return ops::residual_add(w, {}, w, {offsets_, example_, position_}, {});
  }

 private:
  std::vector<int32_t> offsets_{0, kOut}, position_ = std::vector<int32_t>(kOut);
  std::vector<int64_t> example_ = std::vector<int64_t>(kOut);
};

TEST(PackedWeights, FollowEveryChangeOfTheirSet) {
  const OneLinear m;
  WeightSet weights = m.set(1);
  const WeightSet other = m.set(2);
  m.expect_product(weights, 1, "first use");
  m.expect_product(other, 1, "another set");
  m.expect_product(weights, 1, "the first again");
  weights.copy_from(other);
  m.expect_product(weights, 1, "copied over");
  m.parameters.initialize(weights, 3);
  m.expect_product(weights, 1, "started anew");
  for (float& w : weights.flat().span<float>()) w *= 2;
  weights.touch();
  m.expect_product(weights, 1, "changed and touched");
}

TEST(PackedWeights, StandBackForTransforms) {
  OneLinear m;
  const WeightSet weights = m.set(1);
  m.expect_product(weights, 1, "without");
  m.parameters.attach(m.linear.weight, std::make_shared<Doubled>());
  m.expect_product(weights, 2, "with a transform");
  m.parameters.detach(m.linear.weight);
  m.expect_product(weights, 1, "without again");
}

}  // namespace
}  // namespace heddle::nn
