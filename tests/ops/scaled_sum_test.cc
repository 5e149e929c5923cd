// Residual sums with weighed sides, and branches that are left out.

#include "heddle/ops/scaled_sum.h"

#include "tests/ops/gradient_check.h"

namespace heddle::ops {
namespace {

TEST(Gradients, ScaledSum) {
  for (const int gains : {0, 1, 2})
    over_packed_rows(51, [&](RandomStream& random, const PackedRows& rows) {
      const int64_t width = 1 + static_cast<int64_t>(random.below(20));
      const ScaledSumOptions options = {
          .residual_scale = random.below(2) ? 1.0 : 1.7,
          .survival = {RandomKey{random.next64(), 3, 0, site_id("test.survival")}, random.below(2) ? 0.5 : 0.0}};
      Operation operation;
      operation.inputs = {random_tensor(random, {rows.count(), width}), random_tensor(random, {rows.count(), width})};
      if (gains > 0) operation.inputs.push_back(random_tensor(random, {gains == 1 ? 1 : width}));
      operation.run = [&](const Tensors& t, Compute) {
        return scaled_sum(t[0], t[1], gains > 0 ? t[2] : Tensor{}, rows.rows(), options);
      };
      check_operation(operation);
    });
}

// Half of the examples lose their branch, whole; the rest have it twice.
TEST(ScaledSum, ABranchSurvivesOrNotByItsExample) {
  constexpr int64_t kExamples = 2000;
  std::vector<int32_t> offsets = {0}, position;
  std::vector<int64_t> example;
  for (int64_t e = 0; e < kExamples; ++e) {
    for (int i = 0; i < 2; ++i) {
      example.push_back(e);
      position.push_back(i);
    }
    offsets.push_back(static_cast<int32_t>(example.size()));
  }
  const Tensor ones = Tensor::zeros({2 * kExamples, 1}, DType::f64);
  std::ranges::fill(ones.span<double>(), 1.0);
  const Tensor y = scaled_sum(Tensor::zeros({2 * kExamples, 1}, DType::f64), ones, {}, {offsets, example, position},
                              {.survival = {RandomKey{5, 0, 0, 1}, 0.5}});
  int64_t kept = 0;
  for (int64_t e = 0; e < kExamples; ++e) {
    const double first = y.data<double>()[2 * e];
    EXPECT_EQ(first, y.data<double>()[2 * e + 1]);
    EXPECT_TRUE(first == 0 || first == 2);
    kept += first == 2;
  }
  EXPECT_NEAR(static_cast<double>(kept), kExamples / 2.0, 4 * std::sqrt(kExamples / 4.0));
}

}  // namespace
}  // namespace heddle::ops
