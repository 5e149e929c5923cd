// A learned sink in the softmax: gradients in every shape of attention, and its definition.

#include "heddle/ops/attention.h"
#include "tests/ops/gradient_check.h"

namespace heddle::ops {
namespace {

using kernels::Mask;

AttentionOptions random_options(RandomStream& random, int64_t width) {
  AttentionOptions options;
  options.heads = 1 + static_cast<int>(random.below(3));
  options.scale = 1 / std::sqrt(static_cast<double>(width));
  // The last has rows with nothing to see but the sink.
  const Mask masks[] = {Mask::full(), Mask::causal(), Mask::causal() & ~Mask::diagonal()};
  options.mask = masks[random.below(3)];
  if (random.below(2)) options.dropout = {RandomKey{random.next64(), 1, 0, site_id("test.weights")}, 0.3};
  return options;
}

TEST(AttentionSink, GradientsInSelfAttention) {
  over_packed_rows(81, [](RandomStream& random, const PackedRows& rows) {
    const int64_t width = 1 + static_cast<int64_t>(random.below(17));
    const AttentionOptions options = random_options(random, width);
    Operation operation;
    operation.inputs = {random_tensor(random, {rows.count(), 3 * options.heads * width}),
                        random_tensor(random, {options.heads})};
    operation.run = [&](const Tensors& t, Compute) {
      AttentionOptions with = options;
      with.sink = t[1];
      return self_attention(t[0], rows.rows(), with);
    };
    check_operation(operation);
  });
}

TEST(AttentionSink, GradientsInCrossAttention) {
  for (const bool side_by_side : {true, false})
    over_packed_rows(82, [&](RandomStream& random, const PackedRows& queries) {
      const int64_t width = 1 + static_cast<int64_t>(random.below(9));
      const PackedRows keys(random, queries.sequences(), 1 + static_cast<int64_t>(random.below(12)));
      const AttentionOptions options = random_options(random, width);
      const int64_t inner = options.heads * width;
      Operation operation;
      operation.inputs = {random_tensor(random, {queries.count(), inner}), random_tensor(random, {options.heads})};
      for (int i = 0; i < (side_by_side ? 1 : 2); ++i)
        operation.inputs.push_back(random_tensor(random, {keys.count(), side_by_side ? 2 * inner : inner}));
      operation.run = [&](const Tensors& t, Compute) {
        AttentionOptions with = options;
        with.sink = t[1];
        return side_by_side ? cross_attention(t[0], t[2], queries.rows(), keys.rows(), with)
                            : attention(t[0], t[2], t[3], queries.rows(), keys.rows(), with);
      };
      check_operation(operation);
    });
}

// It is a key of its own whose value is zero: here, one whose product with every query is the sink.
TEST(AttentionSink, IsAKeyWithoutAValue) {
  RandomStream random({83, 0, 0, 0});
  const std::vector<int32_t> one = {0, 4}, more = {0, 5}, position = {0, 1, 2, 3, 4};
  const std::vector<int64_t> example(5);
  const Tensor q = random_tensor(random, {4, 3}), k = Tensor::zeros({5, 3}, DType::f64),
               v = Tensor::zeros({5, 2}, DType::f64), sink = Tensor::from<double>({1}, std::vector<double>{0.7});
  copy_into(random_tensor(random, {4, 3}), k.row_range(0, 4));
  copy_into(random_tensor(random, {4, 2}), v.row_range(0, 4));
  for (int64_t r = 0; r < 4; ++r) {
    q.data<double>()[3 * r + 2] = 1;  // meets 0 in every key but the last
    k.data<double>()[3 * r + 2] = 0;
  }
  k.data<double>()[3 * 4 + 2] = 0.7;
  const Rows rows = {one, std::span(example).first(4), std::span(position).first(4)},
             with_last = {more, example, position};
  const Tensor written_out = attention(q, k, v, rows, with_last, {});
  const Tensor made = attention(q, k.row_range(0, 4), v.row_range(0, 4), rows, rows, {.sink = sink});
  EXPECT_LE(tensor_error(numbers(made), numbers(written_out)), 1e-14);
}

// A probe sees weights that count the sink, and what it puts in their place flows on.
TEST(AttentionSink, AProbeSeesWeightsThatCountIt) {
  RandomStream random({84, 0, 0, 0});
  const PackedRows rows(random, 2, 5);
  const Tensor qkv = random_tensor(random, {rows.count(), 6}), sink = random_tensor(random, {1});
  double largest = 0;
  AttentionProbeOf probe([](int64_t, int, int64_t, int64_t, auto*) {},
                         [&](int64_t, int, int64_t count, int64_t columns, auto* weights) {
    for (int64_t i = 0; i < count; ++i) {
      double sum = 0;
      for (int64_t j = 0; j < columns; ++j) sum += static_cast<double>(weights[i * columns + j]);
      largest = std::max(largest, sum);
    }
  });
  const Tensor plain = self_attention(qkv, rows.rows(), {.sink = sink});
  const Tensor seen = self_attention(qkv, rows.rows(), {.probe = &probe, .sink = sink});
  EXPECT_LE(tensor_error(numbers(seen), numbers(plain)), 1e-14);
  EXPECT_GT(largest, 0);
  EXPECT_LT(largest, 1);
}

}  // namespace
}  // namespace heddle::ops
