#include "heddle/inspect/similarity.h"

#include <cmath>

#include "heddle/inspect/layer_states.h"
#include "tests/inspect/known_model.h"

namespace heddle::inspect {
namespace {

Tensor random_states(RandomStream& random, int64_t rows, int64_t width) {
  Tensor tensor = Tensor::zeros({rows, width}, DType::f64);
  for (double& value : tensor.span<double>()) value = random.normal();
  return tensor;
}

// x·(I - 2vvᵀ)·3, plus a shift: a reflection, a scale, and another mean.
Tensor turned(const Tensor& x, RandomStream& random) {
  std::vector<double> v;
  double squares = 0;
  for (int64_t c = 0; c < x.width(); ++c) squares += std::pow(v.emplace_back(random.normal()), 2);
  Tensor y = keep(x);
  for (int64_t r = 0; r < x.rows(); ++r) {
    double along = 0;
    for (int64_t c = 0; c < x.width(); ++c) along += x.data<double>()[r * x.width() + c] * v[static_cast<size_t>(c)];
    for (int64_t c = 0; c < x.width(); ++c) {
      double& value = y.data<double>()[r * x.width() + c];
      value = 3 * (value - 2 * along * v[static_cast<size_t>(c)] / squares) + static_cast<double>(c);
    }
  }
  return y;
}

TEST(LinearCka, IsOneForEqualAndTurnedStatesAndSmallForOthers) {
  RandomStream random({71, 0, 0, 0});
  const Tensor x = random_states(random, 400, 6), other = random_states(random, 400, 9);
  EXPECT_NEAR(linear_cka(x, x), 1, 1e-12);
  EXPECT_NEAR(linear_cka(x, turned(x, random)), 1, 1e-10);
  EXPECT_LT(linear_cka(x, other), 0.1);
  EXPECT_NEAR(linear_cka(x, other), linear_cka(other, x), 1e-12);
  EXPECT_EQ(linear_cka(x, Tensor::zeros({400, 3}, DType::f64)), 0);
}

TEST(MeanCosine, IsTheMeanOverRows) {
  const std::vector<double> a = {1, 0, 0, 2}, b = {2, 0, 3, 0};
  EXPECT_NEAR(mean_cosine(Tensor::from<double>({2, 2}, a), Tensor::from<double>({2, 2}, b)), 0.5, 1e-12);
}

TEST(LayerStates, AreThoseBetweenTheLayers) {
  const KnownModel known(known_config());
  const Examples examples = known_examples();
  const auto states = layer_states(known.subject(), examples);
  std::vector<std::string> points;
  for (const LayerStates& s : states) points.push_back(s.point);
  EXPECT_EQ(points, (std::vector<std::string>{"encoder.embedded", "encoder.layers.0.state", "encoder.layers.1.state",
                                              "encoder.states", "decoder.embedded", "decoder.layers.0.state",
                                              "decoder.layers.1.state", "decoder.states"}));
  int64_t source = 0;
  for (const auto& ids : examples.source) source += std::ssize(ids);
  EXPECT_EQ(states[1].rows.rows(), source);
  EXPECT_EQ(states[1].first.rows(), examples.size());
  // Post-norm: nothing stands behind the last layer.
  EXPECT_NEAR(linear_cka(states[2].rows, states[3].rows), 1, 1e-5);
  EXPECT_LT(linear_cka(states[0].rows, states[3].rows), 0.999);
  // The first row of all is the first sentence's first.
  for (int64_t c = 0; c < 16; ++c) EXPECT_EQ(states[1].rows.data<float>()[c], states[1].first.data<float>()[c]);
}

TEST(LayerStates, OfSeveralStreamsAreTheirMean) {
  model::ModelConfig config = known_config();
  config.layer.residual = "hyper_connections";
  config.layer.norm_place = "pre";
  const KnownModel known(config);
  const auto states = layer_states(known.subject(), known_examples());
  for (const LayerStates& s : states) EXPECT_EQ(s.rows.width(), 16) << s.point;
  // All streams begin as the token's vector.
  EXPECT_LT(linear_cka(states[0].rows, states[2].rows), 1);
}

}  // namespace
}  // namespace heddle::inspect
