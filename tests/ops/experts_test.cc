// A mixture of experts as operations: routing, dispatch, a product for each expert, combination, and the balance loss.

#include "heddle/ops/expert_exchange.h"
#include "heddle/ops/linear.h"
#include "tests/ops/gradient_check.h"

namespace heddle::ops {
namespace {

// inputs: x, logits, one square weight for each expert.
Operation mixture(RandomStream& random, const PackedRows& rows, const RoutingOptions& options, int64_t experts) {
  const int64_t width = 1 + static_cast<int64_t>(random.below(20));
  Operation operation;
  operation.inputs = {random_tensor(random, {rows.count(), width}), random_tensor(random, {rows.count(), experts}, 2)};
  for (int64_t e = 0; e < experts; ++e)
    operation.inputs.push_back(random_tensor(random, {width, width}, 1 / std::sqrt(static_cast<double>(width))));
  operation.has_bf16 = true;
  operation.run = [&rows, options, experts](const Tensors& t, Compute compute) {
    const Routing routing = route(t[1], rows.rows(), options);
    Tensor y = new_zeros(t[0].shape(), t[0].dtype());
    for (int64_t e = 0; e < experts; ++e) {
      const Tensor tokens = rows_of_expert(t[0], routing, e, rows.rows());
      const Tensor result =
          linear(tokens, t[static_cast<size_t>(e) + 2], {}, routing.plan->meaning_of(e), {.compute = compute});
      y = add_of_expert(y, result, routing, e, rows.rows());
    }
    return y;
  };
  return operation;
}

TEST(Experts, Gradients) {
  over_packed_rows(71, [](RandomStream& random, const PackedRows& rows) {
    const auto experts = 1 + static_cast<int64_t>(random.below(6));
    const auto k = 1 + static_cast<int64_t>(random.below(static_cast<uint64_t>(experts)));
    check_operation(mixture(random, rows,
                            {.top_k = k, .among_chosen = random.below(2) == 0, .capacity = random.below(2) ? 0.0 : 0.8},
                            experts));
  });
}

TEST(Experts, BalanceLossGradients) {
  over_packed_rows(72, [](RandomStream& random, const PackedRows& rows) {
    Operation operation;
    operation.inputs = {random_tensor(random, {rows.count(), 4})};
    operation.apart = false;  // it is the whole batch's
    operation.run = [&](const Tensors& t, Compute) {
      return balance_loss(t[0], route(t[0], rows.rows(), {.top_k = 2}), rows.rows(), 0.3);
    };
    check_operation(operation);
  });
}

struct Three {
  std::vector<int32_t> offsets = {0, 3}, position = {0, 1, 2};
  std::vector<int64_t> example = {5, 5, 5};
  Rows rows(std::span<const int32_t> length = {}) const { return {offsets, example, position, length}; }
};

Tensor logits_of(std::initializer_list<double> values) {
  return Tensor::from<double>({3, static_cast<int64_t>(values.size()) / 3}, std::vector<double>(values));
}

TEST(Experts, TheGreatestAreChosenAndTheLowerNumberAmongEquals) {
  const Three three;
  const Routing routing = route(logits_of({1, 3, 2, 0, 0, 0, 5, 5, 9}), three.rows(), {.top_k = 2});
  EXPECT_EQ(routing.plan->choices, (std::vector<int32_t>{1, 2, 0, 1, 2, 0}));
  EXPECT_EQ(routing.plan->order.token, (std::vector<int32_t>{1, 2, 0, 1, 0, 2}));
  EXPECT_EQ(routing.plan->wanted, (std::vector<int64_t>{2, 2, 2}));
  EXPECT_NEAR(routing.gates.data<double>()[2], 1.0 / 3, 1e-15);
  EXPECT_NEAR(balance_loss(logits_of({1, 3, 2, 0, 0, 0, 5, 5, 9}), routing, three.rows(), 0.5).data<double>()[0], 0.5,
              1e-15)
      << "as many for each";
}

TEST(Experts, GatesAmongTheChosenSumToOne) {
  const Three three;
  const Routing routing =
      route(logits_of({1, 3, 2, 0, 0, 0, 5, 5, 9}), three.rows(), {.top_k = 2, .among_chosen = true});
  for (int64_t r = 0; r < 3; ++r)
    EXPECT_NEAR(routing.gates.data<double>()[2 * r] + routing.gates.data<double>()[2 * r + 1], 1, 1e-15);
}

// One token is left to an expert that all three want; the others keep nothing.
TEST(Experts, TokensBeyondTheCapacityPassBy) {
  const Three three;
  const Tensor logits = logits_of({9, 0, 9, 0, 9, 0}), x = logits_of({1, 2, 3});
  const Routing routing = route(logits, three.rows(), {.top_k = 1, .capacity = 0.5});  // 0.5·3/2, rounded up
  EXPECT_EQ(routing.plan->choices, (std::vector<int32_t>{0, -1, -1}));
  EXPECT_EQ(routing.plan->wanted, (std::vector<int64_t>{3, 0}));
  Tensor sum = Tensor::zeros(x.shape(), x.dtype());
  for (int64_t e = 0; e < 2; ++e)
    sum = add_of_expert(sum, rows_of_expert(x, routing, e, three.rows()), routing, e, three.rows());
  const Doubles y = numbers(sum);
  EXPECT_NEAR(y[0], 1, 1e-3);
  EXPECT_EQ(y[1], 0);
  EXPECT_EQ(y[2], 0);
}

TEST(Experts, PaddingGoesNowhere) {
  const Three three;
  const std::vector<int32_t> length = {2};
  const Routing routing = route(logits_of({9, 0, 0, 9, 9, 0}), three.rows(length), {.top_k = 1});
  EXPECT_EQ(routing.plan->tokens, 2);
  EXPECT_EQ(routing.plan->wanted, (std::vector<int64_t>{1, 1}));
  EXPECT_EQ(routing.plan->choices, (std::vector<int32_t>{0, 1, -1}));
}

TEST(Experts, WhatIsNotANumberIsRoutedSomewhere) {
  const Three three;
  const double none = std::nan("");
  const Routing routing = route(logits_of({none, 1, none, none, 0, none}), three.rows(), {.top_k = 2});
  EXPECT_EQ(routing.plan->choices, (std::vector<int32_t>{1, 0, 0, 1, 0, 1}));
}

}  // namespace
}  // namespace heddle::ops
