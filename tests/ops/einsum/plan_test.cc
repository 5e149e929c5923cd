#include "heddle/ops/einsum/plan.h"

#include <gtest/gtest.h>

#include "heddle/base/error.h"
#include "tests/ops/einsum/random_expression.h"

namespace heddle::ops {
namespace {

// The least cost over every order of joining, tried one by one.
double least_cost(const EinsumIndices& indices, std::vector<IndexSet> values) {
  if (values.size() == 1) return 0;
  double least = std::numeric_limits<double>::infinity();
  for (size_t a = 0; a < values.size(); ++a)
    for (size_t b = a + 1; b < values.size(); ++b) {
      std::vector<IndexSet> rest;
      IndexSet needed = indices.set_of(indices.output);
      for (size_t c = 0; c < values.size(); ++c)
        if (c != a && c != b) {
          rest.push_back(values[c]);
          needed |= values[c];
        }
      const IndexSet both = values[a] | values[b];
      rest.push_back(both & needed);
      least = std::min(least, indices.count(both) + least_cost(indices, rest));
    }
  return least;
}

TEST(EinsumPlan, ChoosesTheCheaperEndOfAChain) {
  const std::vector<Sizes> shapes = {{10, 1000}, {1000, 10}, {10, 1000}};
  EXPECT_EQ(plan_einsum("ij,jk,kl->il", shapes).multiply_adds, 2 * 10 * 1000 * 10);
  const std::vector<Sizes> other = {{1000, 10}, {10, 1000}, {1000, 1}};
  const EinsumPlan plan = plan_einsum("ij,jk,kl->il", other);
  EXPECT_EQ(plan.multiply_adds, 10 * 1000 + 1000 * 10);
  EXPECT_EQ(plan_einsum("ij,jk,kl->il", other, EinsumOrder::left_to_right).multiply_adds,
            1000 * 10 * 1000 + 1000 * 1000);
  EXPECT_EQ(plan.peak_elements, 10 + 1000);
}

TEST(EinsumPlan, IsTheCheapestOfAllOrders) {
  RandomStream random({41, 0, 0, 0});
  int joined = 0;
  for (int round = 0; round < 300; ++round) {
    const RandomExpression drawn = random_expression(random, 5, 9);
    SCOPED_TRACE(drawn.text);
    const EinsumPlan plan = plan_einsum(drawn.text, drawn.shapes);
    std::vector<IndexSet> values;
    double sums = 0, joins = 0;
    for (size_t i = 0; i < plan.indices.operands.size(); ++i)
      values.push_back(plan.indices.set_of(plan.indices.operands[i]));
    for (const EinsumStep& step : plan.steps) {
      (step.right < 0 ? sums : joins) += step.multiply_adds;
      if (step.right < 0) values[static_cast<size_t>(step.left)] = plan.indices.set_of(step.result);
    }
    EXPECT_EQ(joins, least_cost(plan.indices, values));
    EXPECT_EQ(plan.multiply_adds, sums + joins);
    joined += values.size() > 2;
  }
  EXPECT_GT(joined, 100);
}

TEST(EinsumPlan, NeverCostsMoreThanLeftToRight) {
  RandomStream random({42, 0, 0, 0});
  for (int round = 0; round < 300; ++round) {
    const RandomExpression drawn = random_expression(random, 14, 9);  // exact and greedy
    SCOPED_TRACE(drawn.text);
    EXPECT_LE(plan_einsum(drawn.text, drawn.shapes).multiply_adds,
              plan_einsum(drawn.text, drawn.shapes, EinsumOrder::left_to_right).multiply_adds);
  }
}

TEST(EinsumPlan, ALongChainIsCheapBothWays) {
  std::string text;
  std::vector<Sizes> shapes;
  const std::string letters = "abcdefghijklmnopqrstuvwxyz";
  for (size_t i = 0; i + 1 < letters.size(); ++i) {
    text += (i ? "," : "") + letters.substr(i, 2);
    shapes.push_back({20, 20});
  }
  const EinsumPlan plan = plan_einsum(text + "->az", shapes);
  EXPECT_EQ(plan.multiply_adds, 24 * 8000);
  EXPECT_EQ(plan.steps.size(), 24u);
}

TEST(EinsumPlan, AnyTextIsAPlanOrASentence) {
  RandomStream random({43, 0, 0, 0});
  constexpr std::string_view kLetters = "iijk...,,->  1";
  int plans = 0;
  for (int round = 0; round < 5000; ++round) {
    std::string text;
    for (size_t length = random.below(12); text.size() < length;) text += kLetters[random.below(kLetters.size())];
    std::vector<Sizes> shapes(1 + static_cast<size_t>(std::ranges::count(text, ',')));
    for (Sizes& shape : shapes) shape.resize(random.below(4), 3);
    try {
      EXPECT_FALSE(describe(plan_einsum(text, shapes)).empty());
      ++plans;
    } catch (const InputError&) {
    }
  }
  EXPECT_GT(plans, 100);
}

TEST(EinsumPlan, SaysWhatItDoes) {
  const std::vector<Sizes> shapes = {{2, 8, 16, 4}, {2, 8, 16, 4}};
  EXPECT_EQ(
      describe(plan_einsum("bhqd,bhkd->bhqk", shapes)),
      "bhqd,bhkd->bhqk\n"
      "  b=2 h=8 q=16 d=4 k=16\n"
      "  step 1: operand 1[bhqd], operand 2[bhkd] -> [bhqk]: 16 times [16, 4]·[4, 16]; 16384 multiply-adds, 4096 "
      "elements\n"
      "  16384 multiply-adds (left to right 16384, all at once 16384); at most 4096 elements of results at once\n");
}

}  // namespace
}  // namespace heddle::ops
