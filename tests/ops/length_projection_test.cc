#include "heddle/ops/length_projection.h"

#include "tests/ops/gradient_check.h"

namespace heddle::ops {
namespace {

TEST(LengthProjection, Gradients) {
  RandomStream random({61, 0, 0, 0});
  for (const auto& [sequences, longest] : {std::pair{0, 0}, {2, 0}, {1, 1}, {3, 5}, {4, 15}})
    for (int round = 0; round < 3; ++round) {
      const PackedRows rows(random, sequences, longest);  // positions are below 16
      const int64_t length = 1 + static_cast<int64_t>(random.below(6)),
                    width = 1 + static_cast<int64_t>(random.below(20));
      Operation operation;
      operation.inputs = {random_tensor(random, {rows.count(), width}), random_tensor(random, {length, 16})};
      operation.run = [&](const Tensors& t, Compute) { return project_length(t[0], t[1], rows.rows()); };
      check_operation(operation);
    }
}

TEST(LengthProjection, IsItsDefinition) {
  const std::vector<int32_t> offsets = {0, 2, 3}, position = {0, 1, 0};
  const Tensor x = Tensor::from<double>({3, 1}, std::vector<double>{10, 20, 30});
  const Tensor table = Tensor::from<double>({2, 4}, std::vector<double>{1, 2, 9, 9, 3, 4, 9, 9});
  const Tensor y = project_length(x, table, {offsets, {}, position});
  EXPECT_EQ(numbers(y), (Doubles{50, 110, 30, 90}));
  Tensor memory;
  const Rows projected = projected_rows(2, 2, memory);
  EXPECT_EQ(std::vector<int32_t>(projected.offsets.begin(), projected.offsets.end()), (std::vector<int32_t>{0, 2, 4}));
}

TEST(LengthProjection, PaddingIsLeftOut) {
  const std::vector<int32_t> offsets = {0, 2}, position = {0, 1}, length = {1};
  const Tensor x = Tensor::from<double>({2, 1}, std::vector<double>{10, 1e9});
  const Tensor table = Tensor::from<double>({1, 2}, std::vector<double>{3, 5});
  EXPECT_EQ(numbers(project_length(x, table, {offsets, {}, position, length})), Doubles{30});
}

TEST(LengthProjection, PositionsBeyondTheTableAreRefused) {
  const std::vector<int32_t> offsets = {0, 3}, position = {0, 1, 2};
  EXPECT_THROW(
      project_length(Tensor::zeros({3, 1}, DType::f64), Tensor::zeros({1, 2}, DType::f64), {offsets, {}, position}),
      Error);
}

}  // namespace
}  // namespace heddle::ops
