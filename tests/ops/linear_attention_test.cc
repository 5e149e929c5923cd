#include "heddle/ops/linear_attention.h"

#include "heddle/kernels/linear_attention.h"

#include "tests/ops/gradient_check.h"

namespace heddle::ops {
namespace {

// What a feature map may give: positive, of different sizes.
Tensor random_features(RandomStream& random, Shape shape) {
  const Tensor features = random_tensor(random, shape);
  for (double& value : features.span<double>()) value = static_cast<double>(static_cast<float>(std::exp(value)));
  return features;
}

LinearAttentionOptions random_options(RandomStream& random) {
  LinearAttentionOptions options;
  options.key_heads = 1 + static_cast<int>(random.below(3));
  options.heads = options.key_heads * (1 + static_cast<int>(random.below(2)));
  return options;
}

int64_t random_width(RandomStream& random) {
  const int64_t widths[] = {2, 3, 5, 8, 16, 17};
  return widths[random.below(6)];
}

TEST(LinearAttentionGradients, SelfAttention) {
  over_packed_rows(41, [&](RandomStream& random, const PackedRows& rows) {
    const int64_t features = random_width(random), width = random_width(random);
    LinearAttentionOptions options = random_options(random);
    options.causal = random.below(2) == 0;
    Operation operation;
    operation.inputs = {random_features(random, {rows.count(), options.heads * features}),
                        random_features(random, {rows.count(), options.key_heads * features}),
                        random_tensor(random, {rows.count(), options.key_heads * width})};
    operation.run = [&](const Tensors& t, Compute) {
      return linear_attention(t[0], t[1], t[2], rows.rows(), rows.rows(), options);
    };
    check_operation(operation);
  });
}

TEST(LinearAttentionGradients, CrossAttention) {
  over_packed_rows(42, [&](RandomStream& random, const PackedRows& queries) {
    const PackedRows keys(random, queries.sequences(), 1 + static_cast<int64_t>(random.below(12)));
    const int64_t features = random_width(random), width = random_width(random);
    const LinearAttentionOptions options = random_options(random);
    Operation operation;
    operation.inputs = {random_features(random, {queries.count(), options.heads * features}),
                        random_features(random, {keys.count(), options.key_heads * features}),
                        random_tensor(random, {keys.count(), options.key_heads * width})};
    operation.run = [&](const Tensors& t, Compute) {
      return linear_attention(t[0], t[1], t[2], queries.rows(), keys.rows(), options);
    };
    check_operation(operation);
  });
}

// Two hypotheses fork, change places and go on: each reads what its own whole sequence gives.
TEST(LinearAttention, StateByStateItIsTheWhole) {
  RandomStream random({43, 0, 0, 0});
  for (const DType dtype : {DType::f64, DType::f32})
    for (int round = 0; round < 6; ++round) {
      LinearAttentionOptions options = random_options(random);
      options.causal = true;
      const int64_t features = random_width(random), width = random_width(random), length = 7;
      const auto row = [&](int64_t heads, int64_t of, bool positive) {
        const Shape shape = {2 * length, heads * of};
        return converted(positive ? random_features(random, shape) : random_tensor(random, shape), dtype);
      };
      const Tensor q = row(options.heads, features, true), k = row(options.key_heads, features, true),
                   v = row(options.key_heads, width, false);
      std::vector<int32_t> offsets = {0, 7, 14}, one_each = {0, 1, 2};
      std::vector<int32_t> position(14);
      for (size_t i = 0; i < 14; ++i) position[i] = static_cast<int32_t>(i % 7);
      const Rows rows = {offsets, {}, position}, steps = {one_each, {}, {}};
      const Tensor whole = linear_attention(q, k, v, rows, rows, options);
      Tensor past, states;
      for (int64_t t = 0; t < length; ++t) {
        const bool swapped = t % 2 == 1;  // which sequence each row carries
        const auto rows_of = [&](const Tensor& all) {
          const Tensor two = Tensor::zeros({2, all.width()}, dtype);
          for (int64_t r = 0; r < 2; ++r) {
            const int64_t from = (swapped ? 1 - r : r) * length + t;
            copy_into(all.row_range(from, from + 1), two.row_range(r, r + 1));
          }
          return two;
        };
        const std::vector<int32_t> parents = t == 0 ? std::vector<int32_t>{-1, -1} : std::vector<int32_t>{1, 0};
        states = Tensor::zeros({2, kernels::linear_state_width(options.key_heads, features, width)}, dtype);
        advance_linear_states(rows_of(k), rows_of(v), past, parents, options.key_heads, states);
        const Tensor out = read_linear_states(rows_of(q), states, steps, {}, options.heads, options.key_heads);
        EXPECT_LE(tensor_error(numbers(out), numbers(rows_of(whole))), dtype == DType::f64 ? 1e-12 : 1e-5) << t;
        past = states;
      }
    }
}

// Beams share the state of their source.
TEST(LinearAttention, StatesOfAMemoryAreItsKeysAndValues) {
  RandomStream random({44, 0, 0, 0});
  for (int round = 0; round < 6; ++round) {
    const PackedRows memory(random, 3, 9);
    const LinearAttentionOptions options = random_options(random);
    const int64_t features = random_width(random), width = random_width(random);
    const Tensor q = random_features(random, {3, options.heads * features}),
                 k = random_features(random, {memory.count(), options.key_heads * features}),
                 v = random_tensor(random, {memory.count(), options.key_heads * width});
    const std::vector<int32_t> one_each = {0, 1, 2, 3}, turned = {2, 0, 1};
    const Rows rows = {one_each, {}, {}};
    const Tensor states = linear_states(k, v, memory.rows(), options.key_heads);
    const Tensor whole = linear_attention(q, k, v, rows, memory.rows(), options);
    const Tensor read = read_linear_states(q, states, rows, {}, options.heads, options.key_heads);
    EXPECT_LE(tensor_error(numbers(read), numbers(whole)), 1e-12);
    const Tensor other = read_linear_states(q, states, rows, turned, options.heads, options.key_heads);
    const Tensor of_last = linear_attention(q.row_range(0, 1), k, v, {std::span(one_each).first(2), {}, {}},
                                            {memory.rows().offsets.subspan(2), {}, {}}, options);
    EXPECT_LE(tensor_error(numbers(keep(other.row_range(0, 1))), numbers(of_last)), 1e-12);
  }
}

TEST(LinearAttention, WidthsThatDoNotFitAreRefused) {
  RandomStream random({45, 0, 0, 0});
  const PackedRows rows(random, 2, 3);
  const Tensor x = random_features(random, {rows.count(), 12});
  EXPECT_THROW(linear_attention(x, x, x, rows.rows(), rows.rows(), {.heads = 5}), Error);
  EXPECT_THROW(linear_attention(x, x, x, rows.rows(), rows.rows(), {.heads = 4, .key_heads = 2}), Error);
}

}  // namespace
}  // namespace heddle::ops
