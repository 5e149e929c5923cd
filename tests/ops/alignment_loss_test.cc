#include "heddle/ops/alignment_loss.h"

#include <cmath>

#include "heddle/base/error.h"
#include "tests/ops/gradient_check.h"

namespace heddle::ops {
namespace {

struct RandomLinks {
  std::vector<int32_t> offsets{0}, places;

  // Up to three for a target token, none where its source is empty.
  RandomLinks(RandomStream& random, const Rows& queries, const Rows& keys) {
    for (size_t s = 0; s + 1 < queries.offsets.size(); ++s) {
      const auto length = static_cast<uint64_t>(keys.offsets[s + 1] - keys.offsets[s]);
      for (int32_t t = queries.offsets[s]; t < queries.offsets[s + 1]; ++t) {
        for (uint64_t link = length ? random.below(4) : 0; link > 0; --link)
          places.push_back(static_cast<int32_t>(random.below(length)));
        offsets.push_back(static_cast<int32_t>(places.size()));
      }
    }
  }
  Links links() const { return {offsets, places}; }
};

TEST(AlignmentLossGradients, QueriesAndKeys) {
  over_packed_rows(41, [&](RandomStream& random, const PackedRows& queries) {
    const PackedRows keys(random, queries.sequences(), 1 + static_cast<int64_t>(random.below(9)));
    const RandomLinks links(random, queries.rows(), keys.rows());
    const int heads = 1 + static_cast<int>(random.below(3));
    const int64_t width = 1 + static_cast<int64_t>(random.below(9));
    const AlignmentLossOptions options = {heads, static_cast<int>(random.below(static_cast<uint64_t>(heads))), 0.4,
                                          1.0 / (1.0 + static_cast<double>(queries.count()))};
    Operation operation;
    operation.inputs = {random_tensor(random, {queries.count(), heads * width}),
                        random_tensor(random, {keys.count(), heads * width})};
    operation.run = [&](const Tensors& t, Compute) {
      return alignment_loss(t[0], t[1], queries.rows(), keys.rows(), links.links(), options).loss;
    };
    check_operation(operation);
  });
}

// One target token over three source tokens, of which two are linked; the second of two heads.
TEST(AlignmentLoss, IsItsDefinition) {
  const std::vector<int32_t> target = {0, 1}, source = {0, 3}, offsets = {0, 2}, places = {0, 2}, none = {0, 0};
  const Tensor q = Tensor::from<double>({1, 2}, std::vector<double>{9, 2}),
               k = Tensor::from<double>({3, 2}, std::vector<double>{7, 1, 7, 3, 7, -1});
  const Rows target_rows = {target, {}, {}}, source_rows = {source, {}, {}};
  const AlignmentLossOptions options = {.heads = 2, .head = 1, .score_scale = 0.5, .scale = 10};
  const AlignmentLoss loss = alignment_loss(q, k, target_rows, source_rows, {offsets, places}, options);
  const double log_sum = std::log(std::exp(1) + std::exp(3) + std::exp(-1));
  EXPECT_NEAR(loss.loss_sum, log_sum - (1.0 - 1.0) / 2, 1e-12);
  EXPECT_NEAR(loss.loss.data<double>()[0], 10 * loss.loss_sum, 1e-12);
  EXPECT_EQ(loss.tokens, 1);
  const AlignmentLoss nothing = alignment_loss(q, k, target_rows, source_rows, {none, {}}, options);
  EXPECT_EQ(nothing.loss_sum, 0);
  EXPECT_EQ(nothing.tokens, 0);
}

TEST(AlignmentLoss, RefusesLinksThatCannotBe) {
  const std::vector<int32_t> target = {0, 1}, source = {0, 3}, offsets = {0, 1}, beyond = {3}, longer = {0, 0, 1},
                             first = {0};
  const Tensor q = Tensor::zeros({1, 2}, DType::f64), k = Tensor::zeros({3, 2}, DType::f64);
  const Rows target_rows = {target, {}, {}}, source_rows = {source, {}, {}};
  EXPECT_THROW(alignment_loss(q, k, target_rows, source_rows, {offsets, beyond}, {}), Error);
  EXPECT_THROW(alignment_loss(q, k, target_rows, source_rows, {longer, first}, {}), Error);
  EXPECT_THROW(alignment_loss(q, k, target_rows, source_rows, {offsets, first}, {.heads = 2, .head = 2}), Error);
}

}  // namespace
}  // namespace heddle::ops
