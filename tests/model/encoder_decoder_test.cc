#include "heddle/model/encoder_decoder.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/model/tiny_model.h"

namespace heddle::model {
namespace {

void expect_gradients_match(TinyModel& f, const TinyBatch& batch, RandomStream& random) {
  f.gradients.zero();
  f.add_gradients(batch);
  for (size_t id = 0; id < f.parameters.all().size(); ++id) {
    const auto values = f.weights.of(static_cast<int32_t>(id)).span<double>();
    const auto gradient = f.gradients.of(static_cast<int32_t>(id)).span<double>();
    double largest = 1e-3;
    for (double g : gradient) largest = std::max(largest, std::abs(g));
    for (int k = 0; k < 3; ++k) {
      const size_t i = random.below(values.size());
      const double old = values[i], h = 1e-5;
      values[i] = old + h;
      const double up = f.loss(batch);
      values[i] = old - h;
      const double down = f.loss(batch);
      values[i] = old;
      EXPECT_NEAR((up - down) / (2 * h), gradient[i], 2e-6 * std::max(1.0, largest)) << f.parameters.all()[id].name;
    }
  }
}

TEST(EncoderDecoder, GradientsEqualFiniteDifferences) {
  RandomStream random({1, 0, 0, 0});
  for (const bool pre : {false, true})
    for (const char* norm : {"layer", "rms"})
      for (const char* kind : {"gelu", "silu"}) {
        ModelConfig config = tiny_config();
        config.layer.norm_place = pre ? "pre" : "post";
        config.layer.norm = norm;
        config.layer.ffn_kind = kind;
        config.position = pre ? "learned" : "sinusoidal";
        config.tie_embeddings = !pre;
        TinyModel f(config);
        expect_gradients_match(f, random_batch(random, 3, kVocab), random);
      }
}

TEST(EncoderDecoder, DecoderOnlyGradientsEqualFiniteDifferences) {
  RandomStream random({2, 0, 0, 0});
  ModelConfig config = tiny_config();
  config.kind = "decoder_only";
  config.layer.ffn_kind = "gelu_tanh";
  TinyModel f(config);
  expect_gradients_match(f, random_batch(random, 3, kVocab), random);
}

TEST(EncoderDecoder, FastKernelsEqualReference) {
  RandomStream random({3, 0, 0, 0});
  ModelConfig config = tiny_config();
  config.width = 48;
  TinyModel slow(config), fast(config, DType::f32);
  fast.weights.copy_from(slow.weights);
  const TinyBatch batch = random_batch(random, 6, kVocab);
  slow.add_gradients(batch);
  fast.add_gradients(batch);
  EXPECT_NEAR(slow.loss(batch), fast.loss(batch), 1e-5 * slow.loss(batch));
  EXPECT_LE(relative(fast.gradients.flat(), slow.gradients.flat()), 1e-5);
}

TEST(EncoderDecoder, SplitOrReorderedBatchesGiveTheSameStep) {
  RandomStream random({4, 0, 0, 0});
  TinyModel whole(tiny_config()), split(tiny_config());
  std::vector<std::pair<std::vector<int32_t>, std::vector<int32_t>>> pairs;
  for (int i = 0; i < 5; ++i) pairs.push_back({random_ids(random, 2 + i, kVocab), random_ids(random, 6 - i, kVocab)});
  TinyBatch all, first, second;
  for (int i = 0; i < 5; ++i) all.add(100 + i, pairs[i].first, pairs[i].second);
  for (int i : {3, 0}) first.add(100 + i, pairs[i].first, pairs[i].second);
  for (int i : {4, 1, 2}) second.add(100 + i, pairs[i].first, pairs[i].second);
  whole.add_gradients(all);
  split.add_gradients(first);
  split.add_gradients(second);
  EXPECT_LE(relative(split.gradients.flat(), whole.gradients.flat()), 1e-12);
  EXPECT_NEAR(whole.loss(all), split.loss(first) + split.loss(second), 1e-9);
}

TEST(EncoderDecoder, LossLeftBehindEqualsLossMadeAgain) {
  RandomStream random({5, 0, 0, 0});
  TinyModel eager(tiny_config()), lazy(tiny_config());
  const TinyBatch batch = random_batch(random, 4, kVocab);
  eager.add_gradients(batch, true);
  lazy.add_gradients(batch, false);
  EXPECT_LE(relative(eager.gradients.flat(), lazy.gradients.flat()), 1e-12);
}

TEST(EncoderDecoder, PerExampleGradientsAddUpToTheSum) {
  RandomStream random({6, 0, 0, 0});
  TinyModel f(tiny_config());
  const TinyBatch batch = random_batch(random, 4, kVocab);
  f.add_gradients(batch);
  nn::PerExampleGradients apart(f.parameters, f.weights);
  Arena arena;
  {
    ops::Tape tape(arena);
    const ops::Seed seed{batch_loss(f.model, f.pass(), batch).loss, {}};
    tape.backward({&seed, 1}, apart);
  }
  ASSERT_EQ(apart.examples(), 4);
  for (size_t id = 0; id < f.parameters.all().size(); ++id) {
    const Tensor sum = Tensor::zeros(f.parameters.all()[id].shape, DType::f64);
    for (int e = 0; e < 4; ++e)
      for (int64_t i = 0; i < sum.count(); ++i)
        sum.data<double>()[i] += apart.of(e, static_cast<int32_t>(id)).data<double>()[i];
    EXPECT_LE(relative(sum, f.gradients.of(static_cast<int32_t>(id))), 1e-10) << f.parameters.all()[id].name;
  }
  TinyModel alone(tiny_config());
  RandomStream again({6, 0, 0, 0});
  const TinyBatch same = random_batch(again, 4, kVocab);
  TinyBatch second;
  const auto cut = [](const TinyStream& s, int i) {
    return std::vector<int32_t>(s.ids.begin() + s.offsets[i], s.ids.begin() + s.offsets[i + 1]);
  };
  second.add(1, cut(same.source, 1), cut(same.target_out, 1));
  alone.add_gradients(second);
  const int32_t id = f.parameters.find("encoder.layers.0.feed_forward.first.weight");
  EXPECT_LE(relative(apart.of(1, id), alone.gradients.of(id)), 1e-10);
}

}  // namespace
}  // namespace heddle::model
