#include "heddle/inspect/neurons.h"

#include "heddle/base/error.h"
#include "tests/inspect/known_model.h"

namespace heddle::inspect {
namespace {

TEST(Neurons, KeepTheLargestInputsWithTheirPlaces) {
  NeuronReader reader(2);
  const std::vector<int32_t> offsets = {0, 3, 5}, position = {0, 1, 2, 0, 1};
  const std::vector<int64_t> example = {7, 7, 7, 9, 9};
  const std::vector<float> values = {1, -1, 5, -2, 2, -3, 4, -4, 3, -5};
  const Tensor rows = Tensor::from<float>({5, 2}, values);
  reader.at("decoder.layers.0.feed_forward.neurons", rows, {offsets, example, position});
  reader.at("decoder.layers.0.self_attention.query", rows, {offsets, example, position});
  ASSERT_EQ(reader.layers().size(), 1u);
  const NeuronFigures& first = reader.layers().begin()->second[0];
  EXPECT_EQ(first.active, 5);
  EXPECT_EQ(first.mean(), 3);
  EXPECT_NEAR(first.deviation(), std::sqrt(2.0), 1e-12);
  ASSERT_EQ(first.top.size(), 2u);
  EXPECT_EQ(first.top[0].value, 5);
  EXPECT_EQ(first.top[0].example, 7);
  EXPECT_EQ(first.top[0].position, 1);
  EXPECT_EQ(first.top[1].value, 4);
  EXPECT_EQ(first.top[1].example, 9);
  EXPECT_EQ(first.top[1].position, 0);
  EXPECT_EQ(reader.layers().begin()->second[1].active, 0);
}

TEST(Neurons, PromoteTheTokenWhoseEmbeddingTheyWrite) {
  KnownModel known(known_config());
  const Tensor table = known.weight("embedding.weight");
  const Tensor second = known.weight("decoder.layers.1.feed_forward.second.weight");
  for (int64_t c = 0; c < 16; ++c) second.data<double>()[c * 20 + 6] = 3 * table.data<double>()[11 * 16 + c];
  // Of vectors of one length none is closer to a vector than itself; make them so.
  for (int64_t t = 0; t < 23; ++t) {
    double squares = 0;
    for (int64_t c = 0; c < 16; ++c) squares += table.data<double>()[t * 16 + c] * table.data<double>()[t * 16 + c];
    for (int64_t c = 0; c < 16; ++c) table.data<double>()[t * 16 + c] /= std::sqrt(squares);
  }
  const auto tokens = promoted_tokens(known.subject(), "decoder.layers.1.feed_forward.neurons", 6, 3);
  ASSERT_EQ(tokens.size(), 3u);
  EXPECT_EQ(tokens[0].id, 11);
  EXPECT_GT(tokens[0].score, tokens[1].score);
  EXPECT_THROW(promoted_tokens(known.subject(), "decoder.layers.1.feed_forward.neurons", 20, 3), InputError);
  EXPECT_TRUE(promoted_tokens(known.subject(), "decoder.layers.7.feed_forward.neurons", 0, 3).empty());
}

TEST(Neurons, OfALowRankNetworkWriteThroughBothMatrices) {
  model::ModelConfig config = known_config();
  config.layer.ffn_kind = "low_rank";
  KnownModel known(config);
  const std::string network = "decoder.layers.1.feed_forward";
  const Tensor thin = known.weight(network + ".second_thin.weight"), thick = known.weight(network + ".second.weight"),
               embedding = known.weight("embedding.weight");
  const auto best = promoted_tokens(known.subject(), network + ".neurons", 19, 1);
  ASSERT_EQ(best.size(), 1u);
  double score = 0;
  for (int64_t c = 0; c < thick.rows(); ++c)
    for (int64_t r = 0; r < thick.width(); ++r)
      score += embedding.data<double>()[best[0].id * 16 + c] * thick.data<double>()[c * thick.width() + r] *
               thin.data<double>()[r * thin.width() + 19];
  EXPECT_NEAR(best[0].score, score, 1e-9);
}

TEST(Neurons, AreSeenInEveryLayer) {
  const KnownModel known(known_config());
  NeuronReader reader(1);
  const Examples examples = known_examples();
  run(known.subject(), examples, &reader);
  EXPECT_EQ(reader.layers().size(), 4u);
  int64_t tokens = 0;
  for (const auto& target : examples.target) tokens += std::ssize(target);
  const NeuronFigures& neuron = reader.layers().at("decoder.layers.0.feed_forward.neurons")[3];
  EXPECT_EQ(neuron.rows, tokens);
  EXPECT_GE(neuron.top[0].value, 0) << "relu";
}

}  // namespace
}  // namespace heddle::inspect
