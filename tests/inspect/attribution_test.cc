#include "heddle/inspect/attribution.h"

#include <cmath>
#include <numeric>

#include "heddle/nn/hooks.h"
#include "heddle/ops/workspace.h"
#include "tests/inspect/known_model.h"

namespace heddle::inspect {
namespace {

constexpr int32_t kNeutral = 0;

// log p of every output token when row j of the embedded source is multiplied by `factor`.
std::vector<double> values_with(const KnownModel& known, const data::TranslationBatch& example, int64_t j,
                                double factor) {
  nn::Hooks hooks;
  hooks.at("encoder.embedded", [&](const Tensor& value, const Rows&) {
    Tensor changed = keep(value);
    for (double& x : changed.row_range(j, j + 1).span<double>()) x *= factor;
    return changed;
  });
  const Subject subject = known.subject();
  const nn::Pass pass = subject.pass(&hooks);
  const Tensor states = states_of(subject, pass, example);
  const Tensor all = subject.model.log_probabilities(pass, states, example.target_in.rows());
  std::vector<double> values;
  for (size_t i = 0; i < example.target_out.ids.size(); ++i)
    values.push_back(all.data<double>()[static_cast<int64_t>(i) * all.width() + example.target_out.ids[i]]);
  return values;
}

TEST(Attribution, GradientTimesInputIsTheSlopeAlongTheInput) {
  const KnownModel known(known_config());
  const data::TranslationBatch example = known_examples().one(2);
  const Attributions found = attribute(known.subject(), example, Attribution::gradient_input, kNeutral);
  ASSERT_EQ(std::ssize(found.source), example.target_out.tokens());
  constexpr double kStep = 1e-5;
  for (int64_t j = 0; j < example.source.tokens(); ++j) {
    const auto up = values_with(known, example, j, 1 + kStep), down = values_with(known, example, j, 1 - kStep);
    for (size_t i = 0; i < found.source.size(); ++i)
      EXPECT_NEAR(found.source[i][static_cast<size_t>(j)], (up[i] - down[i]) / (2 * kStep), 1e-6);
  }
  const auto values = values_with(known, example, 0, 1);
  for (size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(found.value[i], values[i], 1e-12);
}

TEST(Attribution, IntegratedGradientsAddUpToTheDifference) {
  const KnownModel known(known_config());
  const data::TranslationBatch example = known_examples().one(1);
  const auto worst = [&](int steps) {
    const Attributions found = attribute(known.subject(), example, Attribution::integrated_gradients, kNeutral, steps);
    double most = 0;
    for (size_t i = 0; i < found.value.size(); ++i) {
      double sum = std::accumulate(found.source[i].begin(), found.source[i].end(), 0.0);
      sum = std::accumulate(found.prefix[i].begin(), found.prefix[i].end(), sum);
      EXPECT_GT(std::abs(found.value[i] - found.baseline[i]), 1e-3) << "nothing to explain";
      most = std::max(most, std::abs(sum - (found.value[i] - found.baseline[i])));
    }
    return most;
  };
  const double fine = worst(400);
  EXPECT_LT(fine, 1e-2);
  EXPECT_LT(fine, worst(4));
}

TEST(Attribution, LaterTokensHaveNoInfluenceAndEarlierOnesSome) {
  const KnownModel known(known_config());
  const data::TranslationBatch example = known_examples().one(0);
  const Attributions found = attribute(known.subject(), example, Attribution::influence, kNeutral);
  for (size_t i = 0; i < found.prefix.size(); ++i)
    for (size_t j = 0; j < found.prefix[i].size(); ++j) {
      if (j > i) EXPECT_EQ(found.prefix[i][j], 0);
      else EXPECT_GT(found.prefix[i][j], 0);
    }
}

// A language model that is asked for the last tokens alone.
TEST(Attribution, OfALanguageModelIsOfTheTokensAskedFor) {
  model::ModelConfig config = known_config();
  config.kind = "decoder_only";
  const KnownModel known(config);
  Examples examples = known_examples();
  for (auto& source : examples.source) source.clear();
  for (const auto& target : examples.target) examples.asked_from.push_back(std::ssize(target) - 2);
  EXPECT_EQ(examples.asked(), 2 * examples.size());
  EXPECT_EQ(run(known.subject(), examples).tokens, examples.asked());
  const data::TranslationBatch example = examples.one(1);
  const Attributions found = attribute(known.subject(), example, Attribution::integrated_gradients, kNeutral, 400);
  EXPECT_TRUE(found.source.empty());
  ASSERT_EQ(found.value.size(), 2u);
  ASSERT_EQ(found.prefix.size(), 2u);
  for (size_t i = 0; i < 2; ++i)
    EXPECT_NEAR(std::accumulate(found.prefix[i].begin(), found.prefix[i].end(), 0.0),
                found.value[i] - found.baseline[i], 1e-2);
}

TEST(RankCorrelation, KnowsOrderAlone) {
  EXPECT_NEAR(rank_correlation({1, 2, 3, 4}, {10, 20, 300, 4000}), 1, 1e-12);
  EXPECT_NEAR(rank_correlation({1, 2, 3, 4}, {4, 3, 2, 1}), -1, 1e-12);
  EXPECT_NEAR(rank_correlation({1, 1, 2}, {5, 5, 9}), 1, 1e-12);
  EXPECT_EQ(rank_correlation({1, 1, 1}, {1, 2, 3}), 0);
  EXPECT_EQ(rank_correlation({}, {}), 0);
}

}  // namespace
}  // namespace heddle::inspect
