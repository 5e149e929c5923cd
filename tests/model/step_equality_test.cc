// The same step, computed another way, with dropout on: split into micro-batches, packed in another order,
// on two ranks, or with its activations thrown away and made again. Equal to 1e-6 in f64, 1e-5 in f32.

#include <gtest/gtest.h>

#include "tests/model/tiny_model.h"

namespace heddle::model {
namespace {

// The pairs behind a batch, so that it can be cut up; the number of a pair is its place in the global batch.
struct Pairs {
  std::vector<std::vector<int32_t>> sources, targets;

  explicit Pairs(RandomStream& random, int count = 7) {
    for (int i = 0; i < count; ++i) {
      sources.push_back(random_ids(random, 1 + static_cast<int>(random.below(9)), kVocab));
      targets.push_back(random_ids(random, 1 + static_cast<int>(random.below(8)), kVocab));
    }
  }
  TinyBatch batch(const std::vector<int>& which) const {
    TinyBatch packed;
    for (int i : which) packed.add(1000 + i, sources[static_cast<size_t>(i)], targets[static_cast<size_t>(i)]);
    return packed;
  }
};

class StepEquality : public testing::TestWithParam<DType> {
 protected:
  double tolerance() const { return GetParam() == DType::f64 ? 1e-6 : 1e-5; }
  ModelConfig config(bool pre) const {
    ModelConfig config = tiny_config();
    config.layer.norm_place = pre ? "pre" : "post";
    config.layer.attention_dropout = 0.3;
    config.layer.ffn_dropout = 0.1;
    return config;
  }
  void expect_equal(const TinyModel& a, const TinyModel& b) const {
    EXPECT_LE(relative(a.gradients.flat(), b.gradients.flat()), tolerance());
  }
  RandomStream random_{{21, 0, 0, 0}};
};

TEST_P(StepEquality, MicroBatchesAddUpToTheWhole) {
  for (const bool pre : {false, true}) {
    TinyModel whole(config(pre), GetParam()), split(config(pre), GetParam());
    const Pairs pairs(random_);
    whole.add_gradients(pairs.batch({0, 1, 2, 3, 4, 5, 6}));
    for (const auto& piece : {std::vector<int>{0, 1}, {2, 3, 4, 5}, {6}}) split.add_gradients(pairs.batch(piece));
    expect_equal(split, whole);
  }
}

TEST_P(StepEquality, PackingOrderDoesNotMatter) {
  TinyModel one(config(true), GetParam()), other(config(true), GetParam());
  const Pairs pairs(random_);
  one.add_gradients(pairs.batch({0, 1, 2, 3, 4, 5, 6}));
  other.add_gradients(pairs.batch({4, 6, 0, 3, 5, 2, 1}));
  expect_equal(other, one);
}

// Two ranks hold their own weights and see their own pairs; their gradients are summed.
TEST_P(StepEquality, TwoRanksAddUpToTheWhole) {
  TinyModel whole(config(false), GetParam()), first(config(false), GetParam()), second(config(false), GetParam());
  const Pairs pairs(random_);
  whole.add_gradients(pairs.batch({0, 1, 2, 3, 4, 5, 6}));
  first.add_gradients(pairs.batch({0, 2, 4, 6}));
  second.add_gradients(pairs.batch({1, 3, 5}));
  const auto add = [&]<class T>(T) {
    const auto from = second.gradients.flat().span<T>(), to = first.gradients.flat().span<T>();
    for (size_t i = 0; i < to.size(); ++i) to[i] += from[i];
  };
  if (GetParam() == DType::f64) add(double{});
  else add(float{});
  expect_equal(first, whole);
}

TEST_P(StepEquality, ARecomputedEncoderAndDecoderGiveTheSame) {
  TinyModel kept(config(false), GetParam()), made_again(config(false), GetParam());
  const Pairs pairs(random_);
  const TinyBatch batch = pairs.batch({0, 1, 2, 3, 4, 5, 6});
  kept.add_gradients(batch);
  const TinyModel& m = made_again;
  Arena arena;
  {
    ops::Tape tape(arena);
    const nn::Pass pass = m.pass();
    Tensor memory, states;
    tape.region({}, {&memory, 1}, batch.source.rows(),
                [&m, &batch, &pass](std::span<const Tensor>, std::span<Tensor> out) {
      out[0] = m.model.encode(pass, batch.source.stream());
    });
    tape.region({&memory, 1}, {&states, 1}, batch.target_in.rows(),
                [&m, &batch, &pass](std::span<const Tensor> in, std::span<Tensor> out) {
      out[0] = m.model.decode(pass, batch.target_in.stream(), in[0], batch.source.rows());
    });
    EXPECT_LE(tape.operations(), 2);
    const ops::OutputLoss loss =
        m.model.loss(pass, states, batch.target_out.ids, batch.target_out.rows(), {.smoothing = 0.1});
    const ops::Seed seed{loss.loss, {}};
    tape.backward({&seed, 1}, made_again.gradients);
  }
  expect_equal(made_again, kept);
}

// R-Drop and Monte-Carlo dropout run the same batch again under another pass; a step and a seed differ too.
TEST_P(StepEquality, PassStepAndSeedDrawOtherMasks) {
  TinyModel m(config(false), GetParam());
  const Pairs pairs(random_);
  const TinyBatch batch = pairs.batch({0, 1, 2, 3});
  const auto loss = [&](RandomKey key) {
    nn::Pass pass = m.pass();
    pass.random = key;
    return batch_loss(m.model, pass, batch).loss_sum;
  };
  const double first = loss({.seed = 1, .step = 2, .pass = 0});
  EXPECT_EQ(loss({.seed = 1, .step = 2, .pass = 0}), first);
  EXPECT_GT(std::abs(loss({.seed = 1, .step = 2, .pass = 1}) - first), 1e-3);
  EXPECT_GT(std::abs(loss({.seed = 1, .step = 3, .pass = 0}) - first), 1e-3);
  EXPECT_GT(std::abs(loss({.seed = 2, .step = 2, .pass = 0}) - first), 1e-3);
}

INSTANTIATE_TEST_SUITE_P(Precision, StepEquality, testing::Values(DType::f64, DType::f32),
                         [](const auto& dtype) { return std::string(name_of(dtype.param)); });

}  // namespace
}  // namespace heddle::model
