// Attention to places at learned offsets: gradients, its definition, and what lies past the ends.

#include "heddle/ops/offset_attention.h"

#include <limits>

#include "tests/ops/gradient_check.h"

namespace heddle::ops {
namespace {

TEST(OffsetAttention, Gradients) {
  over_packed_rows(101, [](RandomStream& random, const PackedRows& rows) {
    const int64_t width = 1 + static_cast<int64_t>(random.below(9)),
                  value_width = 1 + static_cast<int64_t>(random.below(9));
    OffsetAttentionOptions options;
    options.key_heads = 1 + static_cast<int>(random.below(2));
    options.heads = options.key_heads * (1 + static_cast<int>(random.below(3)));
    options.scale = 1 / std::sqrt(static_cast<double>(width));
    options.causal = random.below(2);
    if (random.below(2)) options.dropout = {RandomKey{random.next64(), 1, 0, site_id("test.weights")}, 0.3};
    Operation operation;
    operation.inputs = {random_tensor(random, {rows.count(), options.heads * width}),
                        random_tensor(random, {rows.count(), options.key_heads * width}),
                        random_tensor(random, {rows.count(), options.key_heads * value_width}),
                        random_tensor(random, {options.heads, 3}, 4)};
    operation.run = [&](const Tensors& t, Compute) {
      return offset_attention(t[0], t[1], t[2], t[3], rows.rows(), options);
    };
    check_operation(operation);
  });
}

// Three keys, whose values are 0, 10 and 100 and whose scores are equal.
class ThreeKeys : public testing::Test {
 protected:
  double seen_from(int64_t query, std::vector<double> offsets, bool causal = false) const {
    const Tensor values = Tensor::from<double>({3, 1}, std::vector<double>{0, 10, 100});
    const Tensor none = Tensor::zeros({3, 1}, DType::f64);
    const auto samples = std::ssize(offsets);
    return offset_attention(none, none, values, Tensor::from<double>({1, samples}, offsets),
                            {offsets_, example_, position_}, {.causal = causal})
        .data<double>()[query];
  }

 private:
  std::vector<int32_t> offsets_ = {0, 3}, position_ = {0, 1, 2};
  std::vector<int64_t> example_ = {0, 0, 0};
};

TEST_F(ThreeKeys, PlacesLieBetweenThem) {
  EXPECT_NEAR(seen_from(0, {1.5}), 55, 1e-12);
  EXPECT_NEAR(seen_from(1, {-0.25}), 7.5, 1e-12);
  EXPECT_NEAR(seen_from(1, {-0.25, 1}), (7.5 + 100) / 2, 1e-12);
}

TEST_F(ThreeKeys, PastTheEndsStandsTheFirstOrTheLast) {
  constexpr double kFar = std::numeric_limits<double>::infinity();
  EXPECT_EQ(seen_from(1, {-1.5}), 0);
  EXPECT_EQ(seen_from(1, {-kFar}), 0);
  EXPECT_EQ(seen_from(1, {7.25}), 100);
  EXPECT_EQ(seen_from(1, {kFar}), 100);
  EXPECT_EQ(seen_from(1, {1}), 100) << "exactly at the end";
}

TEST_F(ThreeKeys, CausalPlacesLieBehind) {
  EXPECT_NEAR(seen_from(2, {0.5}, true), 55, 1e-12);
  EXPECT_NEAR(seen_from(2, {-0.5}, true), 55, 1e-12);
  EXPECT_EQ(seen_from(0, {2}, true), 0);
  EXPECT_EQ(seen_from(1, {0}, true), 10);
}

}  // namespace
}  // namespace heddle::ops
