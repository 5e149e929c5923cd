#include "heddle/train/moving_average.h"

#include <gtest/gtest.h>

#include <cmath>

namespace heddle::train {
namespace {

// By the closed form: the weights of step s count with (1 - d_s)·Π d over the later steps.
TEST(MovingAverage, WeighsTheStepsByTheDecaysAfterThem) {
  nn::Parameters parameters;
  parameters.declare({.name = "w", .role = "norm", .shape = Shape{3}, .init = nn::Init::ones()});
  nn::WeightSet weights(parameters, DType::f64);
  parameters.initialize(weights, 1);
  MovingAverage average(parameters, weights, 0.5);
  std::vector<double> values = {1.0}, decays = {0.0};
  for (int64_t step = 1; step <= 12; ++step) {
    values.push_back(std::sin(static_cast<double>(step)));
    decays.push_back(std::min(0.5, (1.0 + static_cast<double>(step)) / (10.0 + static_cast<double>(step))));
    for (double& weight : weights.flat().span<double>()) weight = values.back();
    weights.touch();
    average.add(weights, step);
  }
  double expected = 0, later = 1;
  for (size_t s = values.size(); s-- > 0;) {
    expected += values[s] * (1 - decays[s]) * later;
    later *= decays[s];
  }
  for (const double weight : average.weights().of(0).span<double>()) EXPECT_NEAR(weight, expected, 1e-15);
}

}  // namespace
}  // namespace heddle::train
