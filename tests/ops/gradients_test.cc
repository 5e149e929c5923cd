// Operations that work row by row: each against finite differences and in every precision.
#include "heddle/kernels/activation.h"
#include "heddle/ops/columns.h"
#include "heddle/ops/embedding.h"
#include "heddle/ops/linear.h"
#include "heddle/ops/log_softmax.h"
#include "heddle/ops/residual_norm.h"
#include "tests/ops/gradient_check.h"

namespace heddle::ops {
namespace {

using kernels::Activation;
using kernels::NormKind;

constexpr Activation kActivations[] = {Activation::none, Activation::relu,      Activation::squared_relu,
                                       Activation::gelu, Activation::gelu_tanh, Activation::silu};

int64_t random_width(RandomStream& random) {
  const int64_t widths[] = {1, 2, 3, 4, 7, 8, 15, 17, 33};
  return widths[random.below(9)];
}

DropoutSite random_dropout(RandomStream& random) {
  return {RandomKey{random.next64(), 3, 0, site_id("test.dropout")}, random.below(2) ? 0.3 : 0.0};
}

TEST(Gradients, Linear) {
  for (const Activation activation : kActivations)
    over_packed_rows(1, [&](RandomStream& random, const PackedRows& rows) {
      const int64_t in = random_width(random), out = random_width(random);
      const bool biased = random.below(2);
      const LinearOptions options = {.activation = activation, .dropout = random_dropout(random)};
      Operation operation;
      operation.inputs = {random_tensor(random, {rows.count(), in}),
                          random_tensor(random, {out, in}, 1 / std::sqrt(static_cast<double>(in)))};
      if (biased) operation.inputs.push_back(random_tensor(random, {out}));
      operation.run = [&](const Tensors& t, Compute compute) {
        LinearOptions with = options;
        with.compute = compute;
        return linear(t[0], t[1], biased ? t[2] : Tensor{}, rows.rows(), with);
      };
      // relu's slope jumps where bfloat16 moves a number across zero, so that its gradient is no
      // continuous function of the product.
      operation.has_bf16 = activation != Activation::relu;
      check_operation(operation);
    });
}

TEST(Gradients, BiasActivation) {
  for (const Activation activation : kActivations)
    over_packed_rows(2, [&](RandomStream& random, const PackedRows& rows) {
      const int64_t width = random_width(random);
      const bool biased = random.below(2);
      const LinearOptions options = {.activation = activation, .dropout = random_dropout(random)};
      Operation operation;
      operation.inputs = {random_tensor(random, {rows.count(), width})};
      if (biased) operation.inputs.push_back(random_tensor(random, {width}));
      operation.run = [&](const Tensors& t, Compute) {
        return bias_activation(t[0], biased ? t[1] : Tensor{}, rows.rows(), options);
      };
      check_operation(operation);
    });
}

// Inputs: gain, shift where there is one, and what comes before them.
NormWeights weights_of(NormKind kind, const Tensors& t, size_t gain, bool shifted) {
  return {kind, 1e-5, t[gain], shifted ? t[gain + 1] : Tensor{}};
}

TEST(Gradients, Norm) {
  for (const NormKind kind : {NormKind::layer, NormKind::rms})
    over_packed_rows(3, [&](RandomStream& random, const PackedRows& rows) {
      const int64_t width = 3 + random_width(random);
      const bool shifted = random.below(2);
      Operation operation;
      operation.inputs = {random_tensor(random, {rows.count(), width}), random_tensor(random, {width})};
      if (shifted) operation.inputs.push_back(random_tensor(random, {width}));
      operation.run = [&](const Tensors& t, Compute) {
        return norm(t[0], weights_of(kind, t, 1, shifted), rows.rows());
      };
      check_operation(operation);
    });
}

TEST(Gradients, ResidualNorm) {
  for (const NormKind kind : {NormKind::layer, NormKind::rms})
    over_packed_rows(4, [&](RandomStream& random, const PackedRows& rows) {
      const int64_t width = 3 + random_width(random);
      const bool shifted = random.below(2), biased = random.below(2);
      const DropoutSite dropout = random_dropout(random);
      Operation operation;
      operation.inputs = {random_tensor(random, {rows.count(), width}), random_tensor(random, {rows.count(), width}),
                          random_tensor(random, {width})};
      if (shifted) operation.inputs.push_back(random_tensor(random, {width}));
      if (biased) operation.inputs.push_back(random_tensor(random, {width}));
      operation.run = [&](const Tensors& t, Compute) {
        return residual_norm(t[0], biased ? t.back() : Tensor{}, t[1], weights_of(kind, t, 2, shifted), rows.rows(),
                             dropout);
      };
      check_operation(operation);
    });
}

TEST(Gradients, ResidualAdd) {
  over_packed_rows(5, [&](RandomStream& random, const PackedRows& rows) {
    const int64_t width = random_width(random);
    const bool biased = random.below(2);
    const DropoutSite dropout = random_dropout(random);
    Operation operation;
    operation.inputs = {random_tensor(random, {rows.count(), width}), random_tensor(random, {rows.count(), width})};
    if (biased) operation.inputs.push_back(random_tensor(random, {width}));
    operation.run = [&](const Tensors& t, Compute) {
      return residual_add(t[0], biased ? t[2] : Tensor{}, t[1], rows.rows(), dropout);
    };
    check_operation(operation);
  });
}

// x + dropout(x): the two gradients of one value meet.
TEST(Gradients, ResidualAddOfAValueToItself) {
  over_packed_rows(6, [&](RandomStream& random, const PackedRows& rows) {
    const DropoutSite dropout = random_dropout(random);
    Operation operation;
    operation.inputs = {random_tensor(random, {rows.count(), random_width(random)})};
    operation.run = [&](const Tensors& t, Compute) { return residual_add(t[0], {}, t[0], rows.rows(), dropout); };
    check_operation(operation);
  });
}

TEST(Gradients, Embed) {
  over_packed_rows(7, [&](RandomStream& random, const PackedRows& rows) {
    const int64_t width = random_width(random), vocab = 1 + static_cast<int64_t>(random.below(6));
    std::vector<int32_t> ids;
    for (int64_t r = 0; r < rows.count(); ++r)
      ids.push_back(static_cast<int32_t>(random.below(static_cast<uint64_t>(vocab))));
    const bool placed = random.below(2);
    const DropoutSite dropout = random_dropout(random);
    Operation operation;
    operation.inputs = {random_tensor(random, {vocab, width})};
    if (placed) operation.inputs.push_back(random_tensor(random, {16, width}));
    operation.run = [&](const Tensors& t, Compute) {
      return embed(ids, t[0], 1.7, placed ? t[1] : Tensor{}, rows.rows(), dropout);
    };
    check_operation(operation);
  });
}

TEST(Gradients, Columns) {
  over_packed_rows(8, [&](RandomStream& random, const PackedRows& rows) {
    const int64_t width = random_width(random);
    const auto begin = static_cast<int64_t>(random.below(static_cast<uint64_t>(width)));
    const int64_t end = begin + 1 + static_cast<int64_t>(random.below(static_cast<uint64_t>(width - begin)));
    Operation operation;
    operation.inputs = {random_tensor(random, {rows.count(), width})};
    operation.run = [&](const Tensors& t, Compute) { return columns(t[0], begin, end, rows.rows()); };
    check_operation(operation);
  });
}

TEST(Gradients, LogSoftmax) {
  over_packed_rows(9, [&](RandomStream& random, const PackedRows& rows) {
    Operation operation;
    operation.inputs = {random_tensor(random, {rows.count(), random_width(random)}, 2)};
    operation.run = [&](const Tensors& t, Compute) { return log_softmax(t[0], rows.rows()); };
    check_operation(operation);
  });
}

TEST(Gradients, IdsAndPositionsOutsideTheTablesAreRefused) {
  RandomStream random({10, 0, 0, 0});
  const std::vector<int32_t> offsets = {0, 1}, position = {3};
  const std::vector<int64_t> example = {0};
  const Rows rows = {offsets, example, position};
  const Tensor table = random_tensor(random, {5, 4}), few = random_tensor(random, {3, 4});
  for (const int32_t id : {-1, 5, 1 << 30}) EXPECT_THROW(embed({&id, 1}, table, 1, {}, rows, {}), InputError) << id;
  const int32_t id = 4;
  EXPECT_NO_THROW(embed({&id, 1}, table, 1, table, rows, {}));
  EXPECT_THROW(embed({&id, 1}, table, 1, few, rows, {}), Error);
  EXPECT_THROW(linear(table, random_tensor(random, {2, 3}), {}, rows), Error);
  EXPECT_THROW(linear(table, random_tensor(random, {2, 4}), random_tensor(random, {3}), rows), Error);
  EXPECT_THROW(residual_add(table, {}, few, rows, {}), Error);
}

}  // namespace
}  // namespace heddle::ops
