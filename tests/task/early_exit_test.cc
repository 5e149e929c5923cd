// Early exit while decoding: which layer's prediction a token gets, and what later tokens see of it.

#include <gtest/gtest.h>

#include <cmath>

#include "heddle/data/packed_batch.h"
#include "heddle/model/early_exit.h"
#include "heddle/task/transformer_steps.h"
#include "tests/model/tiny_model.h"

namespace heddle::task {
namespace {

using model::TinyModel;
using Ids = std::vector<int32_t>;

model::ModelConfig config_of(int64_t layers) {
  model::ModelConfig config = model::tiny_config();
  config.decoder_layers = layers;
  config.exit_layers = "all";
  return config;
}

const Ids kSource = {3, 9, 4, 11}, kTarget = {1, 7, 2, 15, 8, 20, 5};

// Log-probabilities of the whole sequence behind each exit, and behind the last layer.
std::vector<Tensor> whole(const TinyModel& tiny) {
  const nn::Pass pass = tiny.pass(false);
  data::PackedSequences source, target;
  source.add(0, kSource);
  target.add(0, kTarget);
  std::vector<Tensor> states;
  const Tensor memory = tiny.model.encode(pass, {source.ids, source.rows()});
  states.push_back(tiny.model.decode(pass, {target.ids, target.rows()}, memory, source.rows(), &states));
  for (Tensor& each : states) each = tiny.model.log_probabilities(pass, each, target.rows());
  return states;
}

double most_probable(const Tensor& scores, int64_t row) {
  const float* first = scores.data<float>() + row * scores.width();
  return std::exp(static_cast<double>(*std::max_element(first, first + scores.width())));
}

std::vector<double> sorted_confidence(const Tensor& scores) {
  std::vector<double> sure;
  for (int64_t t = 0; t < scores.rows(); ++t) sure.push_back(most_probable(scores, t));
  std::ranges::sort(sure);
  return sure;
}

// scores of the only row of a step against a row of the whole sequence's.
void expect_row(std::span<const float> scores, const Tensor& whole, int64_t row) {
  for (int64_t c = 0; c < whole.width(); ++c)
    ASSERT_NEAR(scores[static_cast<size_t>(c)], whole.data<float>()[row * whole.width() + c], 2e-4) << "row " << row;
}

// The input of the second of two layers is the same whether a token stops before it or not: what does not stop gives
// exactly what the whole model gives.
TEST(EarlyExit, OfTwoLayersTheSureTokensTakeTheFirst) {
  const TinyModel tiny(config_of(2), DType::f32);
  const std::vector<Tensor> full = whole(tiny);
  ASSERT_EQ(full.size(), 2U);
  const std::vector<double> sure = sorted_confidence(full[0]);
  for (const double threshold : {1e-9, 0.5 * (sure[2] + sure[3]), 1.0}) {
    TransformerSteps steps(tiny.model, tiny.pass(false), {kSource});
    steps.exit_above(threshold);
    int exits = 0;
    for (int64_t t = 0; t < std::ssize(kTarget); ++t) {
      const decode::StepModel::Row row = {t == 0 ? -1 : 0, kTarget[static_cast<size_t>(t)], 0};
      const std::span<const float> scores = steps.step({&row, 1});
      const bool exit = most_probable(full[0], t) >= threshold;
      exits += exit;
      EXPECT_EQ(steps.mean_layers(), exit ? 1 : 2);
      expect_row(scores, full[exit ? 0 : 1], t);
    }
    EXPECT_EQ(exits, threshold < 1e-6 ? 7 : threshold < 1 ? 4 : 0);
  }
}

// Three layers: neighbours that stop elsewhere change nothing.
TEST(EarlyExit, NeighboursNeverMatter) {
  const TinyModel tiny(config_of(3), DType::f32);
  TransformerSteps alone(tiny.model, tiny.pass(false), {kSource}), together(tiny.model, tiny.pass(false), {kSource});
  const double threshold = sorted_confidence(whole(tiny)[0])[4];
  alone.exit_above(threshold);
  together.exit_above(threshold);
  double layers = 0;
  for (size_t t = 0; t < kTarget.size(); ++t) {
    const int32_t parent = t == 0 ? -1 : 0, other = t == 0 ? -1 : 1, token = kTarget[t];
    const decode::StepModel::Row one = {parent, token, 0};
    const decode::StepModel::Row two[] = {one, {other, kTarget[kTarget.size() - 1 - t], 0}};
    const std::span<float> found = alone.step({&one, 1});
    const std::vector<float> expected(found.begin(), found.end());
    const std::span<float> scores = together.step(two);
    layers += together.mean_layers();
    for (size_t c = 0; c < expected.size(); ++c) ASSERT_NEAR(scores[c], expected[c], 1e-5) << "step " << t;
  }
  EXPECT_GT(layers, 7.0);   // some go on
  EXPECT_LT(layers, 21.0);  // some stop
}

TEST(EarlyExit, IsRefusedWhereItCannotBe) {
  model::ModelConfig config = config_of(2);
  EXPECT_NO_THROW(model::check_can_exit(config, 0.5));
  config.decoder.attention_kind = "linear";
  EXPECT_THROW(model::check_can_exit(config, 0.5), InputError);
  config = config_of(2);
  config.exit_layers = "";
  EXPECT_THROW(model::check_can_exit(config, 0.5), InputError);
  EXPECT_NO_THROW(model::check_can_exit(config, 0));
  config.exit_layers = "1";  // the last
  EXPECT_THROW(model::validate(config), InputError);
  config.exit_layers = "some";
  EXPECT_THROW(model::validate(config), InputError);
}

}  // namespace
}  // namespace heddle::task
