#include "heddle/ops/cached_attention.h"

#include "tests/ops/gradient_check.h"

namespace heddle::ops {
namespace {

using kernels::Mask;

Mask random_mask(RandomStream& random) {
  const Mask masks[] = {Mask::full(), Mask::causal(), Mask::causal() & Mask::window(2), ~Mask::diagonal()};
  return masks[random.below(4)];
}

AttentionOptions random_options(RandomStream& random, int64_t width) {
  AttentionOptions options;
  options.heads = 1 + static_cast<int>(random.below(3));
  options.scale = 1 / std::sqrt(static_cast<double>(width));
  options.mask = random_mask(random);
  if (random.below(2)) options.dropout = {RandomKey{random.next64(), 1, 0, site_id("test.weights")}, 0.3};
  return options;
}

int64_t random_head_width(RandomStream& random) {
  const int64_t widths[] = {1, 3, 5, 8, 16, 17};
  return widths[random.below(6)];
}

TEST(AttentionGradients, SelfAttention) {
  over_packed_rows(21, [&](RandomStream& random, const PackedRows& rows) {
    const int64_t width = random_head_width(random);
    const AttentionOptions options = random_options(random, width);
    Operation operation;
    operation.inputs = {random_tensor(random, {rows.count(), 3 * options.heads * width})};
    operation.run = [&](const Tensors& t, Compute) { return self_attention(t[0], rows.rows(), options); };
    check_operation(operation);
  });
}

// Every query sequence reads a sequence of its own, some of them empty.
TEST(AttentionGradients, CrossAttention) {
  over_packed_rows(22, [&](RandomStream& random, const PackedRows& queries) {
    const int64_t width = random_head_width(random);
    const PackedRows keys(random, queries.sequences(), 1 + static_cast<int64_t>(random.below(12)));
    const AttentionOptions options = random_options(random, width);
    Operation operation;
    operation.inputs = {random_tensor(random, {queries.count(), options.heads * width}),
                        random_tensor(random, {keys.count(), 2 * options.heads * width})};
    operation.run = [&](const Tensors& t, Compute) {
      return cross_attention(t[0], t[1], queries.rows(), keys.rows(), options);
    };
    check_operation(operation);
  });
}

// Queries of several sequences read one: its keys' gradients add up. Values have a width of their
// own.
TEST(AttentionGradients, SharedKeysWithValuesOfAnotherWidth) {
  over_packed_rows(23, [&](RandomStream& random, const PackedRows& queries) {
    const int64_t width = random_head_width(random), value_width = random_head_width(random);
    const PackedRows keys(random, 2, 7);
    std::vector<int32_t> of_query;
    for (int64_t s = 0; s < queries.sequences(); ++s) of_query.push_back(static_cast<int32_t>(random.below(2)));
    AttentionOptions options = random_options(random, width);
    options.of_query = of_query;
    Operation operation;
    operation.inputs = {random_tensor(random, {queries.count(), options.heads * width}),
                        random_tensor(random, {keys.count(), options.heads * width}),
                        random_tensor(random, {keys.count(), options.heads * value_width})};
    operation.run = [&](const Tensors& t, Compute) {
      return attention(t[0], t[1], t[2], queries.rows(), keys.rows(), options);
    };
    check_operation(operation);
  });
}

// softmax(q·kᵀ)·v of one head, written out.
TEST(Attention, IsItsDefinition) {
  RandomStream random({24, 0, 0, 0});
  const PackedRows rows(random, 3, 6);
  const int64_t width = 4;
  const Tensor qkv = random_tensor(random, {rows.count(), 3 * width});
  const Tensor out = self_attention(qkv, rows.rows(), {.scale = 0.5, .mask = Mask::causal()});
  const auto at = [&](int64_t row, int64_t column) { return qkv.data<double>()[row * 3 * width + column]; };
  for (int64_t s = 0; s < rows.sequences(); ++s)
    for (int64_t i = rows.rows().offsets[static_cast<size_t>(s)]; i < rows.rows().offsets[static_cast<size_t>(s) + 1];
         ++i) {
      Doubles sums(static_cast<size_t>(width));
      double total = 0;
      for (int64_t j = rows.rows().offsets[static_cast<size_t>(s)]; j <= i; ++j) {
        double score = 0;
        for (int64_t c = 0; c < width; ++c) score += at(i, c) * at(j, width + c);
        const double power = std::exp(0.5 * score);
        total += power;
        for (int64_t c = 0; c < width; ++c) sums[static_cast<size_t>(c)] += power * at(j, 2 * width + c);
      }
      for (int64_t c = 0; c < width; ++c)
        EXPECT_NEAR(out.data<double>()[i * width + c], sums[static_cast<size_t>(c)] / total, 1e-12);
    }
}

// Decoding reads the past row by row from a shuffled cache and gives what the whole sequence gives.
TEST(Attention, CachedEqualsUncached) {
  RandomStream random({25, 0, 0, 0});
  for (const DType dtype : {DType::f64, DType::f32})
    for (int round = 0; round < 10; ++round) {
      const PackedRows past(random, 4, 11);
      AttentionOptions options;
      options.heads = 1 + static_cast<int>(random.below(3));
      const int64_t inner = options.heads * random_head_width(random), capacity = past.count() + 5;
      options.scale = 0.3;
      const Tensor keys = converted(random_tensor(random, {past.count(), 2 * inner}), dtype);
      const Tensor q = converted(random_tensor(random, {past.sequences(), inner}), dtype);
      const Tensor cache = Tensor::zeros({capacity, 2 * inner}, dtype);
      std::vector<int32_t> table, begin, length, one_each = {0};
      for (int64_t s = 0; s < past.sequences(); ++s) {
        begin.push_back(past.rows().offsets[static_cast<size_t>(s)]);
        length.push_back(past.rows().offsets[static_cast<size_t>(s) + 1] - begin.back());
        one_each.push_back(static_cast<int32_t>(s) + 1);
      }
      for (int64_t r = 0; r < past.count(); ++r) {
        table.push_back(static_cast<int32_t>(capacity - 1 - r));
        copy_into(keys.row_range(r, r + 1), cache.row_range(table.back(), table.back() + 1));
      }
      const Rows rows = {one_each, {}, {}};
      const Tensor cached = cached_attention(q, {cache, table, begin, length}, rows, options);
      const Tensor whole = cross_attention(q, keys, rows, past.rows(), options);
      EXPECT_LE(tensor_error(numbers(cached), numbers(whole)), dtype == DType::f64 ? 1e-12 : 1e-5) << round;
    }
}

// Documents in one sequence that the mask keeps apart are as good as sequences of their own, backwards too.
TEST(Attention, DocumentsOfASequenceAreSequences) {
  RandomStream random({28, 0, 0, 0});
  const std::vector<int32_t> apart = {0, 3, 3, 9, 40, 41, 200}, together = {0, 41, 200};
  std::vector<int32_t> document;
  for (int32_t d = 0; d + 1 < std::ssize(apart); ++d)
    document.insert(document.end(), static_cast<size_t>(apart[static_cast<size_t>(d) + 1]) - document.size(), 7 + d);
  const Rows sequences = {apart, {}, {}}, documents = {together, {}, {}, {}, document};
  const Tensor qkv = random_tensor(random, {200, 24}), seed = random_tensor(random, {200, 8});
  const auto run = [&](const Rows& rows, const Mask& mask, DType dtype) {
    Operation operation;
    operation.inputs = {qkv};
    operation.run = [&](const Tensors& t, Compute) {
      return self_attention(t[0], rows, {.heads = 2, .scale = 0.5, .mask = mask});
    };
    return internal::record(operation, seed, seed, {.dtype = dtype});
  };
  for (const Mask& mask : {Mask::full(), ~Mask::diagonal()})
    for (const DType dtype : {DType::f64, DType::f32}) {
      const double most = dtype == DType::f64 ? 1e-12 : 1e-5;
      const internal::Recording one = run(documents, mask & Mask::document(), dtype),
                                other = run(sequences, mask, dtype);
      EXPECT_LE(tensor_error(one.out, other.out), most);
      EXPECT_LE(tensor_error(one.gradients[0], other.gradients[0]), most);
    }
}

TEST(Attention, AMaskForEachHeadOrNone) {
  RandomStream random({29, 0, 0, 0});
  const PackedRows rows(random, 3, 30);
  const Tensor qkv = random_tensor(random, {rows.count(), 36});
  const Mask masks[] = {Mask::causal(), Mask::window(3)};
  const Doubles both = numbers(self_attention(qkv, rows.rows(), {.heads = 2, .head_masks = masks}));
  for (int head = 0; head < 2; ++head) {
    const Doubles one = numbers(self_attention(qkv, rows.rows(), {.heads = 2, .mask = masks[head]}));
    for (size_t i = 0; i < one.size(); ++i)
      EXPECT_TRUE(both[i] == one[i] || static_cast<int>(i % 12 / 6) != head) << i;
  }
  EXPECT_THROW(self_attention(qkv, rows.rows(), {.heads = 4, .head_masks = masks}), Error);
}

TEST(Attention, HeadsThatDoNotDivideTheWidthAreRefused) {
  RandomStream random({26, 0, 0, 0});
  const PackedRows rows(random, 2, 3);
  const Tensor qkv = random_tensor(random, {rows.count(), 12});
  EXPECT_THROW(self_attention(qkv, rows.rows(), {.heads = 3}), Error);
}

TEST(Attention, QueriesWithoutTheirKeysAreRefused) {
  RandomStream random({27, 0, 0, 0});
  const PackedRows queries(random, 3, 4), keys(random, 2, 4);
  const Tensor q = random_tensor(random, {queries.count(), 4});
  const Tensor key_value = random_tensor(random, {keys.count(), 8});
  const auto attend = [&](std::span<const int32_t> of_query) {
    return cross_attention(q, key_value, queries.rows(), keys.rows(), {.of_query = of_query});
  };
  const std::vector<int32_t> right = {1, 0, 1}, few = {1, 0}, outside = {0, 1, 2}, negative = {0, -1, 1};
  EXPECT_NO_THROW(attend(right));
  EXPECT_THROW(attend({}), Error);
  EXPECT_THROW(attend(few), Error);
  EXPECT_THROW(attend(outside), Error);
  EXPECT_THROW(attend(negative), Error);
}

}  // namespace
}  // namespace heddle::ops
