#include "heddle/inspect/parameter_groups.h"

#include <algorithm>

#include "tests/inspect/known_model.h"

namespace heddle::inspect {
namespace {

TEST(ParameterGroups, CountEveryNumberOnce) {
  const KnownModel known(known_config());
  for (const bool each : {false, true}) {
    int64_t numbers = 0;
    double squares = 0;
    for (const ParameterGroup& group : parameter_groups(known.subject(), {}, each)) {
      numbers += group.numbers;
      squares += group.squares;
      EXPECT_EQ(group.gradient_squares, 0);
    }
    EXPECT_EQ(numbers, known.parameters.parameter_count());
    double all = 0;
    for (const double weight : known.weights.flat().span<double>()) all += weight * weight;
    // Gaps between weights hold noise of the test's own.
    EXPECT_LE(squares, all + 1e-9);
  }
  const auto roles = parameter_groups(known.subject(), {}, false);
  EXPECT_TRUE(std::ranges::count(roles, "feed_forward", &ParameterGroup::name) == 1);
}

TEST(ParameterGroups, TheGradientIsTheSlopeOfTheLoss) {
  KnownModel known(known_config());
  const Examples examples = known_examples();
  const Tensor gradient = mean_gradient(known.subject(), examples);
  double squares = 0;
  for (const ParameterGroup& group : parameter_groups(known.subject(), gradient, false))
    squares += group.gradient_squares;
  const auto loss_at = [&](double step) {
    const std::span<double> weights = known.weights.flat().span<double>();
    const std::vector<double> before(weights.begin(), weights.end());
    for (size_t i = 0; i < weights.size(); ++i) weights[i] += step * gradient.span<double>()[i];
    const double loss = run(known.subject(), examples).mean();
    std::ranges::copy(before, weights.begin());
    return loss;
  };
  constexpr double kStep = 1e-5;
  EXPECT_NEAR((loss_at(kStep) - loss_at(-kStep)) / (2 * kStep) / squares, 1, 1e-5);
}

}  // namespace
}  // namespace heddle::inspect
