#include "heddle/ops/depthwise_convolution.h"

#include "tests/ops/gradient_check.h"

namespace heddle::ops {
namespace {

TEST(DepthwiseConvolution, Gradients) {
  over_packed_rows(81, [](RandomStream& random, const PackedRows& rows) {
    const auto taps = 1 + static_cast<int64_t>(random.below(6)), channels = 1 + static_cast<int64_t>(random.below(20)),
               rest = static_cast<int64_t>(random.below(4));
    const bool causal = random.below(2) == 0;
    Operation operation;
    operation.inputs = {random_tensor(random, {rows.count(), channels + rest}),
                        random_tensor(random, {taps, channels})};
    operation.run = [&](const Tensors& t, Compute) { return depthwise_convolution(t[0], t[1], rows.rows(), causal); };
    check_operation(operation);
  });
}

Tensor column(std::initializer_list<double> values) {
  return Tensor::from<double>({static_cast<int64_t>(values.size()), 1}, std::vector<double>(values));
}

TEST(DepthwiseConvolution, IsItsDefinition) {
  const std::vector<int32_t> offsets = {0, 3, 5}, length = {3, 1};
  const Tensor x = column({1, 2, 3, 10, 1e9}), w = column({100, 10, 1});
  EXPECT_EQ(numbers(depthwise_convolution(x, w, {offsets, {}, {}, length}, true)), (Doubles{1, 12, 123, 10, 0}));
  EXPECT_EQ(numbers(depthwise_convolution(x, w, {offsets, {}, {}, length}, false)), (Doubles{12, 123, 230, 100, 0}));
}

TEST(DepthwiseConvolution, StepByStepItIsTheSame) {
  const std::vector<int32_t> offsets = {0, 4};
  const Tensor x = column({1, 2, 3, 4}), w = column({100, 10, 1});
  const Doubles whole = numbers(depthwise_convolution(x, w, {offsets, {}, {}}, true));
  Tensor past = Tensor::zeros({2, 2}, DType::f64), states = Tensor::zeros({2, 2}, DType::f64);
  for (int64_t t = 0; t < 4; ++t) {  // in the second row, from the parent's
    const std::vector<int32_t> parents = {-1, t == 0 ? -1 : 1};
    const Tensor both = column({7, x.data<double>()[t]});
    const Tensor y = advance_convolution(both, w, past, parents, states);
    EXPECT_EQ(y.data<double>()[0], 7);
    EXPECT_EQ(y.data<double>()[1], whole[static_cast<size_t>(t)]);
    std::swap(past, states);
  }
}

}  // namespace
}  // namespace heddle::ops
