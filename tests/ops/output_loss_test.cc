#include "heddle/ops/output_loss.h"

#include "tests/ops/gradient_check.h"

namespace heddle::ops {
namespace {

using kernels::Smoothing;

constexpr Smoothing kConventions[] = {Smoothing::over_all, Smoothing::over_others};

struct Problem {
  Tensor x, weight, bias;
  std::vector<int32_t> targets;
};

Problem random_problem(RandomStream& random, int64_t rows, int64_t width, int64_t vocab) {
  Problem p{random_tensor(random, {rows, width}), random_tensor(random, {vocab, width}), {}, {}};
  if (random.below(2)) p.bias = random_tensor(random, {vocab});
  for (int64_t r = 0; r < rows; ++r)
    p.targets.push_back(random.below(4) ? static_cast<int32_t>(random.below(static_cast<uint64_t>(vocab))) : -1);
  return p;
}

Operation loss_operation(const Problem& p, const Rows& rows, const OutputLossOptions& options, bool eager) {
  Operation operation;
  operation.inputs = {p.x, p.weight};
  if (p.bias.defined()) operation.inputs.push_back(p.bias);
  operation.run = [&p, rows, options](const Tensors& t, Compute compute) {
    OutputLossOptions with = options;
    with.compute = compute;
    return output_loss(t[0], t[1], t.size() > 2 ? t[2] : Tensor{}, p.targets, rows, with).loss;
  };
  operation.has_bf16 = true;
  operation.eager = eager;
  operation.apart = options.consistency == 0;
  return operation;
}

TEST(OutputLossGradients, BothConventionsBothWays) {
  for (const Smoothing convention : kConventions)
    for (const bool eager : {false, true})
      over_packed_rows(31, [&](RandomStream& random, const PackedRows& rows) {
        const int64_t widths[] = {1, 3, 8, 17}, vocabs[] = {2, 5, 16, 33};
        const Problem p = random_problem(random, rows.count(), widths[random.below(4)], vocabs[random.below(4)]);
        const OutputLossOptions options = {random.below(2) ? 0.1 : 0.0, convention,
                                           1.0 / (1.0 + static_cast<double>(rows.count()))};
        check_operation(loss_operation(p, rows.rows(), options, eager));
      });
}

// More rows than the logits of one chunk (512), with sequences that cross from one into the next.
TEST(OutputLossGradients, SeveralChunks) {
  RandomStream random({32, 0, 0, 0});
  const PackedRows rows(random, 9, 260);
  ASSERT_GT(rows.count(), 1024);
  const Problem p = random_problem(random, rows.count(), 3, 7);
  for (const bool eager : {false, true})
    check_operation(loss_operation(p, rows.rows(), {0.1, Smoothing::over_others, 1e-3}, eager));
}

// The rows twice: 2·260·9 of them in several chunks, whose pairs lie far apart.
TEST(OutputLossGradients, PairsOfRowsDrawnTogether) {
  for (const bool eager : {false, true})
    for (const int64_t length : {5, 260}) {
      RandomStream random({36, 0, 0, 0});
      const PackedRows once(random, 5, length);
      const Problem half = random_problem(random, once.count(), 3, 7);
      Problem p{random_tensor(random, {2 * once.count(), 3}), half.weight, half.bias, half.targets};
      p.targets.insert(p.targets.end(), half.targets.begin(), half.targets.end());
      Rows rows = once.rows();
      std::vector<int32_t> offsets(rows.offsets.begin(), rows.offsets.end());
      for (size_t s = 1; s < rows.offsets.size(); ++s)
        offsets.push_back(rows.offsets[s] + static_cast<int32_t>(once.count()));
      std::vector<int64_t> example(rows.example.begin(), rows.example.end());
      std::vector<int32_t> position(rows.position.begin(), rows.position.end());
      for (size_t r = 0; r < rows.example.size(); ++r) {
        example.push_back(rows.example[r] + 1000);
        position.push_back(rows.position[r]);
      }
      check_operation(loss_operation(p, {offsets, example, position},
                                     {.smoothing = 0.1, .scale = 1e-2, .consistency = 5}, eager));
    }
}

TEST(OutputLoss, SumsAreTheirDefinition) {
  RandomStream random({33, 0, 0, 0});
  const PackedRows rows(random, 3, 9);
  const Problem p = random_problem(random, rows.count(), 4, 6);
  const OutputLoss result =
      output_loss(p.x, p.weight, p.bias, p.targets, rows.rows(), {.smoothing = 0.2, .scale = 0.5});
  double loss = 0, nll = 0;
  int64_t tokens = 0, correct = 0;
  for (int64_t r = 0; r < rows.count(); ++r) {
    const int32_t target = p.targets[static_cast<size_t>(r)];
    if (target < 0) continue;
    Doubles logits;
    double total = 0, mean = 0;
    for (int64_t v = 0; v < 6; ++v) {
      double logit = p.bias.defined() ? p.bias.data<double>()[v] : 0;
      for (int64_t c = 0; c < 4; ++c) logit += p.x.data<double>()[r * 4 + c] * p.weight.data<double>()[v * 4 + c];
      logits.push_back(logit);
      total += std::exp(logit);
      mean += logit / 6;
    }
    const double right = logits[static_cast<size_t>(target)];
    nll += std::log(total) - right;
    loss += 0.8 * (std::log(total) - right) + 0.2 * (std::log(total) - mean);
    correct += right == *std::ranges::max_element(logits);
    ++tokens;
  }
  EXPECT_NEAR(result.loss_sum, loss, 1e-10);
  EXPECT_NEAR(result.nll_sum, nll, 1e-10);
  EXPECT_NEAR(result.loss.data<double>()[0], 0.5 * loss, 1e-10);
  EXPECT_EQ(result.tokens, tokens);
  EXPECT_EQ(result.correct, correct);
}

TEST(OutputLoss, WithoutATargetThereIsNoLossAndNoGradient) {
  RandomStream random({34, 0, 0, 0});
  const PackedRows rows(random, 2, 5);
  Problem p = random_problem(random, rows.count(), 3, 4);
  std::ranges::fill(p.targets, -1);
  const OutputLoss result = output_loss(p.x, p.weight, p.bias, p.targets, rows.rows(), {});
  EXPECT_EQ(result.loss.data<double>()[0], 0);
  EXPECT_EQ(result.tokens, 0);
  check_operation(loss_operation(p, rows.rows(), {}, true));
}

TEST(OutputLoss, PairsMustBeTheSameRowTwice) {
  RandomStream random({37, 0, 0, 0});
  const Tensor x = random_tensor(random, {2, 3}), weight = random_tensor(random, {4, 3});
  const std::vector<int32_t> offsets = {0, 1, 2}, position = {0, 0}, targets = {1, 2};
  const std::vector<int64_t> example = {0, 1};
  EXPECT_THROW(output_loss(x, weight, {}, targets, {offsets, example, position}, {.consistency = 1}), Error);
}

TEST(OutputLoss, TargetsOutsideTheVocabularyAreRefused) {
  RandomStream random({35, 0, 0, 0});
  const Tensor x = random_tensor(random, {1, 3}), weight = random_tensor(random, {4, 3});
  const std::vector<int32_t> offsets = {0, 1}, position = {0};
  const std::vector<int64_t> example = {0};
  for (const int32_t target : {4, -2, 1 << 30})
    EXPECT_THROW(output_loss(x, weight, {}, {&target, 1}, {offsets, example, position}, {}), InputError) << target;
}

}  // namespace
}  // namespace heddle::ops
