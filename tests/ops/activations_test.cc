// Gated units and activations with learned numbers.

#include "heddle/ops/gated.h"
#include "heddle/ops/learned_activation.h"
#include "tests/ops/gradient_check.h"

namespace heddle::ops {
namespace {

using kernels::Activation, kernels::LearnedActivation;

DropoutSite random_dropout(RandomStream& random) {
  return {RandomKey{random.next64(), 3, 0, site_id("test.dropout")}, random.below(2) ? 0.3 : 0.0};
}

int64_t random_width(RandomStream& random) {
  const int64_t widths[] = {1, 2, 3, 7, 8, 15, 17, 33};
  return widths[random.below(8)];
}

TEST(Gradients, Gated) {
  for (const Activation gate : {Activation::relu, Activation::silu, Activation::gelu, Activation::gelu_tanh})
    over_packed_rows(31, [&](RandomStream& random, const PackedRows& rows) {
      const int64_t width = random_width(random);
      const bool biased = random.below(2);
      const DropoutSite dropout = random_dropout(random);
      Operation operation;
      operation.inputs = {random_tensor(random, {rows.count(), 2 * width})};
      if (biased) operation.inputs.push_back(random_tensor(random, {2 * width}));
      operation.run = [&](const Tensors& t, Compute) {
        return gated(t[0], biased ? t[1] : Tensor{}, gate, rows.rows(), dropout);
      };
      check_operation(operation);
    });
}

TEST(Gradients, LearnedActivation) {
  for (const LearnedActivation activation : {LearnedActivation::prelu, LearnedActivation::swish})
    over_packed_rows(32, [&](RandomStream& random, const PackedRows& rows) {
      const int64_t width = random_width(random);
      const bool biased = random.below(2);
      const DropoutSite dropout = random_dropout(random);
      Operation operation;
      operation.inputs = {random_tensor(random, {rows.count(), width}), random_tensor(random, {width})};
      if (biased) operation.inputs.push_back(random_tensor(random, {width}));
      operation.run = [&](const Tensors& t, Compute) {
        return learned_activation(t[0], biased ? t[2] : Tensor{}, t[1], activation, rows.rows(), dropout);
      };
      check_operation(operation);
    });
}

// Far out, where exp overflows, values and slopes are those of the limit.
TEST(LearnedActivation, OfLargeNumbersIsItsLimit) {
  const std::vector<int32_t> offsets = {0, 1}, position = {0};
  const std::vector<int64_t> example = {0};
  const std::vector<float> x = {1e30f, -1e30f, 3e38f, -3e38f}, beta = {1, 1, 2, 2};
  const Tensor y = learned_activation(Tensor::from<float>({1, 4}, x), {}, Tensor::from<float>({4}, beta),
                                      LearnedActivation::swish, {offsets, example, position}, {});
  EXPECT_EQ(y.data<float>()[0], 1e30f);
  EXPECT_EQ(y.data<float>()[1], 0.0f);
  EXPECT_EQ(y.data<float>()[2], 3e38f);
  EXPECT_EQ(y.data<float>()[3], 0.0f);
}

}  // namespace
}  // namespace heddle::ops
