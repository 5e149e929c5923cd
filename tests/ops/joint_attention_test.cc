// Attention to two sources under one softmax, and to keys that take two gradients.

#include "heddle/ops/joint_attention.h"

#include "heddle/ops/attention_with_memory.h"
#include "tests/ops/gradient_check.h"

namespace heddle::ops {
namespace {

using kernels::Mask;

TEST(JointAttention, Gradients) {
  over_packed_rows(111, [](RandomStream& random, const PackedRows& rows) {
    const int64_t width = 1 + static_cast<int64_t>(random.below(9));
    const PackedRows others(random, rows.sequences(), 1 + static_cast<int64_t>(random.below(12)));
    AttentionOptions options;
    options.key_heads = 1 + static_cast<int>(random.below(2));
    options.heads = options.key_heads * (1 + static_cast<int>(random.below(2)));
    options.scale = 1 / std::sqrt(static_cast<double>(width));
    options.mask = random.below(2) ? Mask::causal() : Mask::causal() & ~Mask::diagonal();
    if (random.below(2)) options.dropout = {RandomKey{random.next64(), 1, 0, site_id("test.weights")}, 0.3};
    const int64_t keys = options.key_heads * width;
    const bool additive = random.below(2);
    Operation operation;
    operation.inputs = {random_tensor(random, {rows.count(), options.heads * width}),
                        random_tensor(random, {rows.count(), keys}),
                        random_tensor(random, {rows.count(), keys}),
                        random_tensor(random, {others.count(), keys}),
                        random_tensor(random, {others.count(), keys}),
                        random_tensor(random, {options.heads}),
                        random_tensor(random, {options.heads})};
    if (additive) operation.inputs.push_back(random_tensor(random, {options.heads * width}));
    operation.run = [&](const Tensors& t, Compute) {
      AttentionOptions with = options;
      with.span = {t[5], 9, 3};
      with.sink = t[6];
      if (additive) with.additive = t[7];
      return joint_attention(t[0], {t[1], t[2], rows.rows()}, {t[3], t[4], others.rows()}, rows.rows(), with);
    };
    check_operation(operation);
  });
}

// The same keys in one sequence: own ones first, then those beside them.
TEST(JointAttention, IsOneSoftmaxOverBoth) {
  RandomStream random({112, 0, 0, 0});
  const std::vector<int32_t> three = {0, 3}, four = {0, 4}, seven = {0, 7}, position = {0, 1, 2, 3, 4, 5, 6};
  const std::vector<int64_t> example(7);
  const auto rows = [&](const std::vector<int32_t>& offsets) {
    const auto count = static_cast<size_t>(offsets.back());
    return Rows{offsets, std::span(example).first(count), std::span(position).first(count)};
  };
  const Tensor q = random_tensor(random, {3, 6}), k = random_tensor(random, {7, 6}), v = random_tensor(random, {7, 6});
  const AttentionOptions options = {.heads = 2, .scale = 0.5};
  const Tensor joint =
      joint_attention(q, {keep(k.row_range(0, 3)), keep(v.row_range(0, 3)), rows(three)},
                      {keep(k.row_range(3, 7)), keep(v.row_range(3, 7)), rows(four)}, rows(three), options);
  const Tensor one = attention(q, k, v, rows(three), rows(seven), options);
  EXPECT_LE(tensor_error(numbers(joint), numbers(one)), 1e-14);
}

// The two gradients of the same keys add up to that of plain attention.
TEST(AttentionWithMemory, Gradients) {
  over_packed_rows(113, [](RandomStream& random, const PackedRows& rows) {
    const int64_t width = 1 + static_cast<int64_t>(random.below(9)), size = 1 + static_cast<int64_t>(random.below(4));
    AttentionOptions options;
    options.heads = 1 + static_cast<int>(random.below(3));
    options.scale = 1 / std::sqrt(static_cast<double>(width));
    const Mask own = Mask::causal() & Mask::block(size), memory = Mask::before_block(size, 3);
    options.mask = own | memory;
    if (random.below(2)) options.dropout = {RandomKey{random.next64(), 1, 0, site_id("test.weights")}, 0.3};
    Operation operation;
    for (int i = 0; i < 3; ++i)
      operation.inputs.push_back(random_tensor(random, {rows.count(), options.heads * width}));
    operation.inputs.push_back(random_tensor(random, {options.heads}));
    operation.run = [&](const Tensors& t, Compute) {
      AttentionOptions with = options;
      with.sink = t[3];
      return attention_with_memory(t[0], {t[1], t[2], own}, {t[1], t[2], memory}, rows.rows(), with);
    };
    check_operation(operation);
  });
}

}  // namespace
}  // namespace heddle::ops
