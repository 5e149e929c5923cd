// What a sequence gets, dropout included, does not depend on what it is packed with.
#include "heddle/ops/attention.h"
#include "heddle/ops/embedding.h"
#include "heddle/ops/linear.h"
#include "heddle/ops/residual_norm.h"
#include "tests/ops/gradient_check.h"

namespace heddle::ops {
namespace {

constexpr int64_t kWidth = 6;

DropoutSite site(std::string_view name) { return {RandomKey{5, 7, 0, site_id(name)}, 0.4}; }

// One of the sequences of a packed matrix, as a matrix of its own.
struct Alone {
  int64_t begin, end;
  std::vector<int32_t> offsets;
  Rows rows;
  Alone(const Rows& packed, size_t s)
      : begin(packed.offsets[s]),
        end(packed.offsets[s + 1]),
        offsets{0, static_cast<int32_t>(end - begin)},
        rows{offsets, packed.example.subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin)),
             packed.position.subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin))} {}
};

// run(first row, end row, rows) on the whole and on each sequence alone.
template <class Run>
void expect_same_alone(const PackedRows& packed, Run&& run) {
  const Tensor whole = run(0, packed.count(), packed.rows());
  for (int64_t s = 0; s < packed.sequences(); ++s) {
    const Alone alone(packed.rows(), static_cast<size_t>(s));
    const Tensor out = run(alone.begin, alone.end, alone.rows);
    EXPECT_LE(tensor_error(numbers(out), numbers(keep(whole.row_range(alone.begin, alone.end)))), 1e-12) << s;
  }
}

template <class Body>
void over_packings(Body&& body) {
  RandomStream random({51, 0, 0, 0});
  for (int round = 0; round < 10; ++round) {
    const PackedRows packed(random, 5, 9);
    body(random, packed, random_tensor(random, {packed.count(), kWidth}));
  }
}

TEST(Packing, Linear) {
  over_packings([](RandomStream& random, const PackedRows& packed, const Tensor& x) {
    const Tensor weight = random_tensor(random, {4, kWidth}), bias = random_tensor(random, {4});
    expect_same_alone(packed, [&](int64_t begin, int64_t end, const Rows& rows) {
      return linear(x.row_range(begin, end), weight, bias, rows,
                    {.activation = kernels::Activation::gelu, .dropout = site("ffn")});
    });
  });
}

TEST(Packing, ResidualNorm) {
  over_packings([](RandomStream& random, const PackedRows& packed, const Tensor& x) {
    const Tensor residual = random_tensor(random, x.shape()), gain = random_tensor(random, {kWidth});
    expect_same_alone(packed, [&](int64_t begin, int64_t end, const Rows& rows) {
      return residual_norm(x.row_range(begin, end), {}, residual.row_range(begin, end), {.gain = gain, .shift = {}},
                           rows, site("residual"));
    });
  });
}

TEST(Packing, Embed) {
  over_packings([](RandomStream& random, const PackedRows& packed, const Tensor&) {
    const Tensor table = random_tensor(random, {8, kWidth}), positions = random_tensor(random, {16, kWidth});
    std::vector<int32_t> ids;
    for (int64_t r = 0; r < packed.count(); ++r) ids.push_back(static_cast<int32_t>(random.below(8)));
    expect_same_alone(packed, [&](int64_t begin, int64_t end, const Rows& rows) {
      return embed(std::span(ids).subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin)), table, 2,
                   positions, rows, site("embedding"));
    });
  });
}

TEST(Packing, SelfAttention) {
  over_packings([](RandomStream& random, const PackedRows& packed, const Tensor&) {
    const Tensor qkv = random_tensor(random, {packed.count(), 3 * kWidth});
    for (const kernels::Mask& mask : {kernels::Mask::causal(), kernels::Mask::full()})
      expect_same_alone(packed, [&](int64_t begin, int64_t end, const Rows& rows) {
        return self_attention(keep(qkv.row_range(begin, end)), rows,
                              {.heads = 2, .dropout = site("self"), .mask = mask});
      });
  });
}

// Each sequence's keys are named by of_query, wherever they lie.
TEST(Packing, CrossAttention) {
  over_packings([](RandomStream& random, const PackedRows& packed, const Tensor& q) {
    const PackedRows keys(random, 3, 6);
    const Tensor key_value = random_tensor(random, {keys.count(), 2 * kWidth});
    std::vector<int32_t> of_query;
    for (int64_t s = 0; s < packed.sequences(); ++s) of_query.push_back(static_cast<int32_t>(random.below(3)));
    size_t sequence = 0;  // of the next call with one alone
    expect_same_alone(packed, [&](int64_t begin, int64_t end, const Rows& rows) {
      const std::span<const int32_t> all(of_query);
      AttentionOptions options = {.heads = 3, .dropout = site("cross")};
      options.of_query = rows.sequences() == packed.sequences() ? all : all.subspan(sequence++, 1);
      return cross_attention(q.row_range(begin, end), key_value, rows, keys.rows(), options);
    });
  });
}

}  // namespace
}  // namespace heddle::ops
