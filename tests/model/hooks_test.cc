// Hooks read, replace and knock out; guided alignment compares the weights that they read.

#include "heddle/nn/hooks.h"

#include <gtest/gtest.h>

#include "heddle/nn/guided_alignment.h"
#include "tests/model/tiny_model.h"

namespace heddle::model {
namespace {

constexpr const char* kCross = "decoder.layers.1.cross_attention";

double loss_with(const TinyModel& m, const TinyBatch& batch, nn::Probe& probe) {
  nn::Pass pass = m.pass(false);
  pass.probe = &probe;
  return batch_loss(m.model, pass, batch).loss_sum;
}

struct HooksOfAModel : testing::Test {
  RandomStream random{{51, 0, 0, 0}};
  TinyModel m{tiny_config()};
  TinyBatch batch = random_batch(random, 3, kVocab), other = random_batch(random, 3, kVocab);
  nn::Hooks none;
  double plain = loss_with(m, batch, none);
};

TEST_F(HooksOfAModel, WhatIsRecordedAndPutBackChangesNothing) {
  Tensor value;
  nn::Hooks reading, writing;
  reading.at("encoder.layers.0.self_attention.value", nn::Hooks::record(value));
  EXPECT_EQ(loss_with(m, batch, reading), plain);
  writing.at("encoder.layers.0.self_attention.value", nn::Hooks::replace(value));
  EXPECT_EQ(loss_with(m, batch, writing), plain);
}

TEST_F(HooksOfAModel, ZerosKnockOut) {
  nn::Hooks hooks;
  hooks.at("decoder.layers.0.self_attention.output", nn::Hooks::zeros);
  EXPECT_GT(std::abs(loss_with(m, batch, hooks) - plain), 1e-6);
}

TEST_F(HooksOfAModel, AValueOfAnotherShapeIsRefused) {
  nn::Hooks hooks;
  hooks.at("decoder.layers.0.self_attention.output", nn::Hooks::replace(Tensor::zeros({1, 1}, DType::f64)));
  EXPECT_THROW(loss_with(m, batch, hooks), Error);
}

TEST_F(HooksOfAModel, ScoresAndWeightsAreShownAndReplaced) {
  nn::Hooks hooks;
  double worst = 0;
  std::vector<double> scores;
  hooks.scores(kCross, [&](const nn::AttentionMap& map) { scores.assign(map.values.begin(), map.values.end()); });
  hooks.weights(kCross, [&](const nn::AttentionMap& map) {
    for (int64_t i = 0; i < map.rows; ++i) {
      double sum = 0;
      for (int64_t j = 0; j < map.columns; ++j) sum += std::exp(scores[static_cast<size_t>(i * map.columns + j)]);
      for (int64_t j = 0; j < map.columns; ++j)
        worst =
            std::max(worst, std::abs(map.at(i, j) - std::exp(scores[static_cast<size_t>(i * map.columns + j)]) / sum));
    }
  });
  EXPECT_NEAR(loss_with(m, batch, hooks), plain, 1e-10 * plain);
  EXPECT_LE(worst, 1e-12);
  hooks.weights(kCross, [](const nn::AttentionMap& map) { std::ranges::fill(map.values, 0.0); });
  EXPECT_GT(std::abs(loss_with(m, batch, hooks) - plain), 1e-6);
}

// Every target token is linked to the first token of its source.
struct Guide {
  std::vector<int32_t> offsets, places;
  nn::GuidedAlignment guide;
  explicit Guide(const TinyModel& m, const TinyBatch& batch)
      : places(batch.target_in.ids.size(), 0),
        guide(kCross, resolve_layer(m.model.config(), Stack::decoder, 1).cross_attention, 2) {
    for (size_t t = 0; t <= places.size(); ++t) offsets.push_back(static_cast<int32_t>(t));
  }
  double loss(const TinyModel& m, const TinyBatch& batch) {
    loss_with(m, batch, guide);
    return guide.loss({offsets, places}, 1).loss_sum;
  }
};

TEST_F(HooksOfAModel, GuidedAlignmentIsTheLogOfTheWeights) {
  nn::Hooks hooks;
  double expected = 0;
  hooks.weights(kCross, [&](const nn::AttentionMap& map) {
    for (int64_t i = 0; map.head == 2 && i < map.rows; ++i) expected -= std::log(map.at(i, 0));
  });
  loss_with(m, batch, hooks);
  Guide guide(m, batch);
  EXPECT_NEAR(guide.loss(m, batch), expected, 1e-10 * expected);
  EXPECT_THROW(guide.guide.loss({guide.offsets, guide.places}, 1), Error) << "of a pass that was not there";
}

TEST_F(HooksOfAModel, GuidedAlignmentTeachesByItsGradient) {
  Guide guide(m, batch);
  Arena arena;
  {
    ops::Tape tape(arena);
    nn::Pass pass = m.pass(false);
    pass.probe = &guide.guide;
    const Tensor main = batch_loss(m.model, pass, batch).loss;
    const ops::AlignmentLoss aligned = guide.guide.loss({guide.offsets, guide.places}, 0.5);
    const ops::Seed seeds[] = {{main, Tensor::zeros({1}, DType::f64)}, {aligned.loss, {}}};
    tape.backward(seeds, m.gradients);
  }
  for (const char* name :
       {"decoder.layers.1.cross_attention.query.weight", "encoder.layers.0.feed_forward.first.weight"}) {
    const nn::ParameterId id = m.parameters.find(name);
    for (const size_t at : {size_t{0}, size_t{17}}) {
      double& weight = m.weights.of(id).span<double>()[at];
      const double old = weight, step = 1e-5;
      const auto loss_at = [&](double value) {
        weight = value;
        return 0.5 * guide.loss(m, batch);
      };
      const double slope = (loss_at(old + step) - loss_at(old - step)) / (2 * step);
      weight = old;
      EXPECT_NEAR(m.gradients.of(id).span<double>()[at], slope, 1e-6 * std::max(1.0, std::abs(slope))) << name;
    }
  }
}

}  // namespace
}  // namespace heddle::model
