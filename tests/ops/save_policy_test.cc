// What a tape's policy may do to saved values, and what it must leave alone.

#include "heddle/ops/save_policy.h"

#include <map>

#include "heddle/ops/attention.h"
#include "heddle/ops/linear.h"
#include "heddle/ops/residual_norm.h"
#include "tests/ops/gradient_check.h"

namespace heddle::ops {
namespace {

const int kOwner = 0;

TEST(SavePolicy, ExactMeansExact) {
  RandomStream random({61, 0, 0, 0});
  const Tensor value = random_tensor(random, {9, 5});
  NarrowPolicy narrow;
  SpillPolicy spill(testing::TempDir(), 1);
  for (SavePolicy* policy : {static_cast<SavePolicy*>(&narrow), static_cast<SavePolicy*>(&spill)})
    EXPECT_EQ(numbers(policy->save(value, SaveHint::exact).load()), numbers(value));
  EXPECT_EQ(spill.bytes_spilled(), 0);
  EXPECT_EQ(numbers(spill.save(value, SaveHint::activation).load()), numbers(value));
  EXPECT_GT(spill.bytes_spilled(), 0);
  EXPECT_NE(numbers(narrow.save(value, SaveHint::activation).load()), numbers(value));
}

TEST(SavePolicy, SpilledValuesKeepApart) {
  RandomStream random({62, 0, 0, 0});
  SpillPolicy spill(testing::TempDir(), 1);
  Tensors values;
  std::vector<Saved> saved;
  for (int i = 1; i < 6; ++i) {
    values.push_back(random_tensor(random, {i, 7}));
    saved.push_back(spill.save(values.back(), SaveHint::activation));
  }
  for (size_t i = 0; i < values.size(); ++i) EXPECT_EQ(numbers(saved[i].load()), numbers(values[i]));
}

// Notes the hint of everything that is saved, by its width.
class HintReader : public SavePolicy {
 public:
  Saved save(const Tensor& tensor, SaveHint hint) override {
    hints.emplace(tensor.shape().rank() == 1 ? 1 : tensor.width(), hint);
    return {.tensor = tensor, .shape = tensor.shape(), .dtype = tensor.dtype()};
  }
  Tensor load(const Saved& saved) override { return saved.tensor; }
  std::multimap<int64_t, SaveHint> hints;
};

// A log-sum, a mean or a deviation scales all that is computed from it.
TEST(SavePolicy, StatisticsAreSavedExactly) {
  RandomStream random({63, 0, 0, 0});
  const PackedRows packed(random, 3, 6);
  constexpr int kHeads = 2, kWidth = 12;
  HintReader reader;
  Arena arena;
  Tape tape(arena, {.policy = &reader});
  const auto leaf = [&](Shape shape) { return tape.watch(random_tensor(random, shape)); };
  const Rows rows = packed.rows();
  const Tensor q = leaf({packed.count(), kWidth}), gain = leaf({kWidth});
  self_attention(leaf({packed.count(), 3 * kWidth}), rows, {.heads = kHeads});
  cross_attention(q, leaf({packed.count(), 2 * kWidth}), rows, rows, {.heads = kHeads});
  attention(q, q, q, rows, rows, {.heads = kHeads});
  EXPECT_EQ(reader.hints.count(kHeads), 3u);
  norm(q, {.gain = gain, .shift = {}}, rows);
  residual_norm(q, {}, q, {.gain = gain, .shift = {}}, rows, {});
  EXPECT_EQ(reader.hints.count(1), 4u);
  for (const auto& [width, hint] : reader.hints)
    EXPECT_EQ(hint == SaveHint::exact, width <= kHeads) << "width " << width;
}

// Twelve layers of which only every fourth input is kept need a fraction of the memory.
TEST(SavePolicy, WhatARegionComputesIsDropped) {
  RandomStream random({64, 0, 0, 0});
  constexpr int kLayers = 12, kRun = 4;
  const PackedRows packed(random, 4, 60);
  const Tensor x = random_tensor(random, {packed.count(), 32}), weight = random_tensor(random, {32, 32}, 0.2);
  const auto layers = [&](Tensor h, int count) {
    for (int i = 0; i < count; ++i)
      h = linear(h, Tape::current()->leaf(weight, {&kOwner, 0}), {}, packed.rows(),
                 {.activation = kernels::Activation::gelu});
    return h;
  };
  class Gradient : public GradientSink {
   public:
    bool wants(const Tape& tape, NodeId node) const override { return tape.key_of(node).owner != nullptr; }
    Tensor slot(const Tape&, NodeId, int) override { return sum; }
    Tensor sum = Tensor::zeros({32, 32}, DType::f64);
  };
  int64_t peak[2];
  Gradient gradients[2];
  for (const int recomputed : {0, 1}) {
    Arena arena;
    {
      Tape tape(arena);
      Tensor h = x;
      for (int run = 0; run < kLayers / kRun; ++run) {
        if (!recomputed) {
          h = layers(h, kRun);
          continue;
        }
        Tensor out;
        tape.region({&h, 1}, {&out, 1}, packed.rows(),
                    [&layers](std::span<const Tensor> in, std::span<Tensor> to) { to[0] = layers(in[0], kRun); });
        h = out;
      }
      const Seed seed{h, {}};
      tape.backward({&seed, 1}, gradients[recomputed]);
    }
    peak[recomputed] = arena.peak_bytes();
  }
  EXPECT_LT(peak[1], peak[0] * 6 / 10) << peak[0] << " bytes without";
  EXPECT_LE(gradient_error(numbers(gradients[1].sum), numbers(gradients[0].sum)), 1e-12);
}

}  // namespace
}  // namespace heddle::ops
