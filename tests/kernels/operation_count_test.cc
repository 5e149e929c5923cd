#include "heddle/kernels/operation_count.h"

#include "heddle/kernels/attention.h"
#include "heddle/kernels/embedding.h"
#include "heddle/kernels/matmul.h"
#include "heddle/kernels/packed_weight.h"
#include "tests/kernels/kernel_comparison.h"

namespace heddle::kernels {
namespace {

void multiply(int64_t m, int64_t n, int64_t k) {
  const std::vector<float> a(static_cast<size_t>(m * k), 1.0f), b(static_cast<size_t>(k * n), 1.0f);
  std::vector<float> c(static_cast<size_t>(m * n));
  matmul({.m = m, .n = n, .k = k, .lda = k, .ldb = n, .ldc = n}, a.data(), b.data(), c.data());
}

TEST(OperationCount, AMultiplyAddIsTwo) {
  const OperationCount count;
  multiply(5, 7, 3);
  EXPECT_EQ(count.of(Operation::matrix_product), 2 * 5 * 7 * 3);
  EXPECT_EQ(count.total(), 2 * 5 * 7 * 3);
}

TEST(OperationCount, CountsFromItsConstructionOn) {
  const OperationCount outer;
  multiply(2, 2, 2);
  {
    const OperationCount inner;
    multiply(3, 3, 3);
    EXPECT_EQ(inner.total(), 54);
  }
  EXPECT_EQ(outer.total(), 16 + 54);
}

TEST(OperationCount, APackedProductCountsTheRowsItIsGiven) {
  const std::vector<float> weight(30, 1.0f), x(40, 1.0f);
  std::vector<float> y(48);
  const PackedWeight packed(weight.data(), 6, 5, 5);
  const OperationCount count;
  packed.product(8, x.data(), y.data());
  EXPECT_EQ(count.total(), 2 * 8 * 6 * 5);
}

TEST(OperationCount, AnEmbeddingScalesAndAdds) {
  const std::vector<int32_t> ids = {0, 2, 1}, position = {0, 1, 2};
  const std::vector<float> table(12, 1.0f);
  std::vector<float> y(12);
  const OperationCount count;
  embedding(3, 4, ids.data(), table.data(), 2.0f, position.data(), table.data(), Dropout{}, y.data());
  EXPECT_EQ(count.of(Operation::embedding), 2 * 3 * 4);
  embedding(3, 4, ids.data(), table.data(), 2.0f, nullptr, nullptr, Dropout{}, y.data());
  EXPECT_EQ(count.of(Operation::embedding), 3 * 3 * 4);
}

// Self-attention of one sequence with two heads, forward and backward.
struct Attention {
  static constexpr int64_t kHeads = 2, kWidth = 16;
  explicit Attention(int32_t n, const Mask& mask) : rows{0, n}, begin{0}, length{n} {
    const auto numbers = static_cast<size_t>(n * kHeads * kWidth);
    q.assign(numbers, 0.1f);
    out = dq = dk = dv = q;
    log_sum.resize(static_cast<size_t>(n * kHeads));
    const int64_t stride = kHeads * kWidth;
    std::vector<KeySource<float>> source(1);
    source[0].keys = source[0].values = q.data();
    source[0].key_stride = source[0].value_stride = stride;
    source[0].begin = begin;
    source[0].length = length;
    source[0].mask = mask;
    AttentionPlan<float> plan;
    plan.query_heads = plan.key_heads = static_cast<int>(kHeads);
    plan.key_width = plan.value_width = kWidth;
    {
      const OperationCount count;
      attention(plan, {q.data(), stride, rows}, source, out.data(), stride, log_sum.data(), scratch);
      forward = count.of(Operation::attention);
    }
    const std::vector<KeyGradients<float>> targets = {{dk.data(), dv.data(), stride, stride}};
    const OperationCount count;
    attention_backward(plan, {q.data(), stride, rows}, source,
                       {out.data(), log_sum.data(), q.data(), stride, stride, dq.data(), stride, targets}, scratch);
    backward = count.of(Operation::attention);
  }
  std::vector<int32_t> rows, begin, length;
  std::vector<float> q, out, dq, dk, dv;
  std::vector<double> log_sum;
  AttentionScratch scratch;
  int64_t forward = 0, backward = 0;
};

TEST(OperationCount, AttentionCountsEveryPair) {
  const Attention one(200, Mask::full());
  EXPECT_EQ(one.forward, 2 * 2 * Attention::kHeads * Attention::kWidth * 200 * 200);
  EXPECT_EQ(one.backward, 5 * one.forward / 2);
}

TEST(OperationCount, WhatACausalMaskForbidsIsSkippedTileByTile) {
  const Attention full(960, Mask::full()), causal(960, Mask::causal());
  EXPECT_GT(causal.forward, full.forward / 2);
  EXPECT_LT(causal.forward, 0.6 * static_cast<double>(full.forward));
  EXPECT_EQ(causal.backward, 5 * causal.forward / 2);
}

TEST(OperationCount, ASingleQueryCountsTheKeysItSees) {
  const Attention one(1, Mask::full());
  EXPECT_EQ(one.forward, 2 * 2 * Attention::kHeads * Attention::kWidth);
}

}  // namespace
}  // namespace heddle::kernels
