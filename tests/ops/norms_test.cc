// Norms beside those that are fused with the residual sum.

#include "heddle/ops/dynamic_tanh.h"
#include "heddle/ops/pooled_norm.h"
#include "heddle/ops/residual_norm.h"
#include "heddle/ops/scale_norm.h"
#include "tests/ops/gradient_check.h"

namespace heddle::ops {
namespace {

TEST(Gradients, NormOfHeads) {
  for (const auto kind : {kernels::NormKind::layer, kernels::NormKind::rms})
    over_packed_rows(41, [&](RandomStream& random, const PackedRows& rows) {
      const int64_t width = 3 + static_cast<int64_t>(random.below(9)),
                    heads = 1 + static_cast<int64_t>(random.below(3));
      const bool shifted = random.below(2);
      Operation operation;
      operation.inputs = {random_tensor(random, {rows.count(), heads * width}), random_tensor(random, {width})};
      if (shifted) operation.inputs.push_back(random_tensor(random, {width}));
      operation.run = [&](const Tensors& t, Compute) {
        return norm(t[0], {kind, 1e-5, t[1], shifted ? t[2] : Tensor{}}, rows.rows(), heads);
      };
      check_operation(operation);
    });
}

TEST(Gradients, ScaleNorm) {
  over_packed_rows(42, [&](RandomStream& random, const PackedRows& rows) {
    const int64_t width = 2 + static_cast<int64_t>(random.below(20)),
                  pieces = 1 + static_cast<int64_t>(random.below(3));
    const bool learned = random.below(2);
    Operation operation;
    operation.inputs = {random_tensor(random, {rows.count(), pieces * width})};
    if (learned) operation.inputs.push_back(random_tensor(random, {pieces}));
    operation.run = [&](const Tensors& t, Compute) {
      return scale_norm(t[0], learned ? t[1] : Tensor{}, rows.rows(), pieces);
    };
    check_operation(operation);
  });
}

TEST(ScaleNorm, OfZerosIsZeroWithAGradient) {
  const std::vector<int32_t> offsets = {0, 1}, position = {0};
  const std::vector<int64_t> example = {0};
  const Tensor y = scale_norm(Tensor::zeros({1, 5}, DType::f32), {}, {offsets, example, position});
  for (const float value : y.span<float>()) EXPECT_EQ(value, 0.0f);
}

TEST(Gradients, DynamicTanh) {
  over_packed_rows(43, [&](RandomStream& random, const PackedRows& rows) {
    const int64_t width = 1 + static_cast<int64_t>(random.below(20));
    Operation operation;
    operation.inputs = {random_tensor(random, {rows.count(), width}), random_tensor(random, {1}),
                        random_tensor(random, {width}), random_tensor(random, {width})};
    operation.run = [&](const Tensors& t, Compute) { return dynamic_tanh(t[0], t[1], t[2], t[3], rows.rows()); };
    check_operation(operation);
  });
}

// Rows of sequences of which some are padding.
Rows padded(const PackedRows& rows, RandomStream& random, std::vector<int32_t>& length) {
  Rows all = rows.rows();
  for (int64_t s = 0; s < rows.sequences(); ++s) {
    const int32_t rows_of = all.offsets[static_cast<size_t>(s) + 1] - all.offsets[static_cast<size_t>(s)];
    length.push_back(rows_of - static_cast<int32_t>(random.below(static_cast<uint64_t>(rows_of / 2) + 1)));
  }
  all.length = length;
  return all;
}

TEST(Gradients, PooledNorm) {
  for (const Pool pool : {Pool::sequence, Pool::batch})
    for (const bool fixed : {false, true}) {
      if (fixed && pool == Pool::sequence) continue;
      over_packed_rows(44, [&](RandomStream& random, const PackedRows& packed) {
        const int64_t groups = 1 + static_cast<int64_t>(random.below(3));
        const int64_t width = groups * (1 + static_cast<int64_t>(random.below(3)));
        std::vector<int32_t> length;
        const Rows rows = random.below(2) ? padded(packed, random, length) : packed.rows();
        Operation operation;
        operation.inputs = {random_tensor(random, {packed.count(), width}), random_tensor(random, {width}),
                            random_tensor(random, {width})};
        const Tensor mean = random_tensor(random, {groups}), variance = Tensor::zeros({groups}, DType::f64);
        for (double& v : variance.span<double>()) v = 0.5 + static_cast<double>(random.below(8)) / 8;
        operation.run = [&](const Tensors& t, Compute) {
          PooledNormWeights weights = {.pool = pool, .groups = groups, .epsilon = 0.1, .gain = t[1], .shift = t[2]};
          if (fixed) {
            weights.running_mean = converted(mean, t[0].dtype());
            weights.running_variance = converted(variance, t[0].dtype());
            weights.uses_running = true;
          }
          return pooled_norm(t[0], weights, rows);
        };
        check_operation(operation);
      });
    }
}

TEST(PooledNorm, PaddingHasNoPartInTheStatistics) {
  const std::vector<int32_t> alone = {0, 2, 5}, filled = {0, 4, 8}, length = {2, 3};
  const std::vector<int64_t> example(8);
  const std::vector<int32_t> position(8);
  const std::vector<double> numbers_alone = {1, 5, 2, 3, 7, 4, 4, 0, 6, 9};  // 5 rows of 2
  std::vector<double> with_padding(16, 1000.0);
  const int64_t places[] = {0, 1, 4, 5, 6};
  for (int i = 0; i < 5; ++i)
    for (int c = 0; c < 2; ++c)
      with_padding[static_cast<size_t>(places[i] * 2 + c)] = numbers_alone[static_cast<size_t>(2 * i + c)];
  const std::vector<double> ones = {1, 1}, zeros = {0, 0};
  for (const Pool pool : {Pool::sequence, Pool::batch})
    for (const int64_t groups : {1, 2}) {
      const PooledNormWeights weights = {.pool = pool,
                                         .groups = groups,
                                         .gain = Tensor::from<double>({2}, ones),
                                         .shift = Tensor::from<double>({2}, zeros)};
      const Tensor expected = pooled_norm(Tensor::from<double>({5, 2}, numbers_alone), weights,
                                          {alone, std::span(example).first(5), std::span(position).first(5)});
      const Tensor y =
          pooled_norm(Tensor::from<double>({8, 2}, with_padding), weights, {filled, example, position, length});
      for (int i = 0; i < 5; ++i)
        for (int c = 0; c < 2; ++c)
          EXPECT_NEAR(y.data<double>()[places[i] * 2 + c], expected.data<double>()[2 * i + c], 1e-12);
    }
}

}  // namespace
}  // namespace heddle::ops
