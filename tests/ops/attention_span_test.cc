// Soft spans of heads: gradients, their definition, and what they cost.

#include "heddle/ops/attention.h"
#include "heddle/ops/soft_span.h"
#include "tests/ops/gradient_check.h"

namespace heddle::ops {
namespace {

using kernels::Mask;

TEST(AttentionSpan, Gradients) {
  over_packed_rows(91, [](RandomStream& random, const PackedRows& rows) {
    const int64_t width = 1 + static_cast<int64_t>(random.below(9));
    AttentionOptions options;
    options.heads = 1 + static_cast<int>(random.below(3));
    options.scale = 1 / std::sqrt(static_cast<double>(width));
    // The last hides what the shortest spans show.
    const Mask masks[] = {Mask::full(), Mask::causal(), ~Mask::window(2)};
    options.mask = masks[random.below(3)];
    if (random.below(2)) options.dropout = {RandomKey{random.next64(), 1, 0, site_id("test.weights")}, 0.3};
    const double longest = 1 + static_cast<double>(random.below(30)), ramp = 0.5 + static_cast<double>(random.below(9));
    Operation operation;
    operation.inputs = {random_tensor(random, {rows.count(), 3 * options.heads * width}),
                        random_tensor(random, {options.heads})};
    operation.run = [&](const Tensors& t, Compute) {
      AttentionOptions with = options;
      with.span = {t[1], longest, ramp};
      return self_attention(t[0], rows.rows(), with);
    };
    check_operation(operation);
  });
}

TEST(AttentionSpan, LossOfLongSpans) {
  over_packed_rows(92, [](RandomStream& random, const PackedRows& rows) {
    if (rows.count() == 0) return;  // no example to have a share
    Operation operation;
    operation.inputs = {random_tensor(random, {3})};
    operation.run = [&](const Tensors& t, Compute) { return span_loss(t[0], 40, 0.02, rows.rows()); };
    check_operation(operation);
  });
  const Tensor half = Tensor::zeros({2}, DType::f64);
  const std::vector<int32_t> offsets = {0};
  EXPECT_NEAR(span_loss(half, 40, 0.02, {offsets, {}, {}}).data<double>()[0], 0.02 * 20, 1e-15);
}

TEST(AttentionSpan, NoHeadSeesFartherThanItsReach) {
  const Tensor logits = Tensor::zeros({2}, DType::f64);
  logits.data<double>()[0] = -3;
  EXPECT_EQ(span_reach(logits, 4, 4), 6);  // of the second: 2 tokens and the ramp
  EXPECT_EQ(span_reach(logits, 4, 4.5), 7);
  logits.data<double>()[1] = 1e9;
  EXPECT_EQ(span_reach(logits, 4, 4), 8);
}

// Equal scores: weights are the factors m over their sum; span 2, ramp 4.
TEST(AttentionSpan, FadesOverItsRamp) {
  const std::vector<int32_t> offsets = {0, 8}, position = {0, 1, 2, 3, 4, 5, 6, 7};
  const std::vector<int64_t> example(8);
  const Tensor qkv = Tensor::zeros({8, 3}, DType::f64), logits = Tensor::zeros({1}, DType::f64);
  for (int64_t j = 0; j < 8; ++j) qkv.data<double>()[3 * j + 2] = std::pow(10.0, static_cast<double>(j));
  const Tensor out =
      self_attention(qkv, {offsets, example, position}, {.mask = Mask::causal(), .span = {logits, 4, 4}});
  // Of the last query: distances 0 … 7 have the factors 1, 1, 1, 3/4, 1/2, 1/4, 0, 0.
  EXPECT_NEAR(out.data<double>()[7], (1e7 + 1e6 + 1e5 + 0.75e4 + 0.5e3 + 0.25e2) / 4.5, 1e-8);
}

}  // namespace
}  // namespace heddle::ops
