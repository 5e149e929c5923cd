#include "heddle/inspect/linear_probe.h"

#include <gtest/gtest.h>

#include "heddle/base/error.h"
#include "heddle/base/random.h"

namespace heddle::inspect {
namespace {

TEST(LinearProbe, ReadsWhatIsLinearAndNothingElse) {
  RandomStream random({8, 0, 0, 0});
  std::vector<double> states;
  std::vector<int32_t> linear, product, noise;
  for (int i = 0; i < 600; ++i) {
    const double x = random.normal(), y = random.normal();
    states.insert(states.end(), {x, y, 3 + random.normal()});
    linear.push_back(x + 2 * y > 0.3 ? 1 : 0);
    product.push_back(x * y > 0 ? 1 : 0);  // no line parts these
    noise.push_back(static_cast<int32_t>(random.below(3)));
  }
  const auto first = std::span<const double>(states).first(900), rest = std::span<const double>(states).subspan(900);
  const auto accuracy = [&](const std::vector<int32_t>& classes) {
    return LinearProbe(first, std::span(classes).first(300)).accuracy(rest, std::span(classes).subspan(300));
  };
  EXPECT_GT(accuracy(linear), 0.93);
  EXPECT_LT(accuracy(product), 0.65);
  EXPECT_LT(accuracy(noise), 0.5);
}

TEST(LinearProbe, RefusesRowsOfAnotherWidth) {
  const std::vector<double> states = {1, 2, 3, 4};
  const std::vector<int32_t> classes = {0, 1}, three = {0, 1, 0};
  EXPECT_THROW(LinearProbe(states, three), Error);
  EXPECT_THROW(LinearProbe(states, classes).accuracy(states, three), Error);
}

}  // namespace
}  // namespace heddle::inspect
