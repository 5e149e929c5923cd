// A training step in bf16: products read bfloat16, and what they read is kept so. Near the same step in f32.

#include <gtest/gtest.h>

#include "tests/model/tiny_model.h"

namespace heddle::model {
namespace {

Tensor gradient(TinyModel& m, const TinyBatch& batch, ops::Compute compute, ops::SavePolicy* policy) {
  m.gradients.zero();
  Arena arena;
  {
    ops::Tape tape(arena, {.policy = policy, .eager_sink = &m.gradients});
    nn::Pass pass = m.pass();
    pass.compute = compute;
    const ops::Seed seed{batch_loss(m.model, pass, batch).loss, {}};
    tape.backward({&seed, 1}, m.gradients);
  }
  return keep(m.gradients.flat());
}

TEST(Bf16Step, IsNearTheSameStepInF32) {
  RandomStream random({41, 0, 0, 0});
  for (const char* place : {"pre", "post"})
    for (const char* kind : {"relu", "gelu"}) {
      ModelConfig config = tiny_config();
      config.width = 48;
      config.layer.ffn = 96;
      config.layer.norm_place = place;
      config.layer.ffn_kind = kind;
      TinyModel m(config, DType::f32);
      const TinyBatch batch = random_batch(random, 12, kVocab);
      const Tensor exact = gradient(m, batch, ops::Compute::f32, nullptr);
      const Tensor half = gradient(m, batch, ops::Compute::bf16, nullptr);
      ops::NarrowPolicy narrow;
      const Tensor kept = gradient(m, batch, ops::Compute::bf16, &narrow);
      EXPECT_GT(relative(half, exact), 1e-4) << "products do read bfloat16";
      EXPECT_GT(relative(kept, half), 0) << "activations are kept as bfloat16";
      EXPECT_LE(relative(kept, half), 2e-2) << place << " " << kind;
      // relu's slope jumps where bfloat16 moves a number across zero.
      const double most = kind == std::string("relu") ? 0.1 : 2e-2;
      EXPECT_LE(relative(half, exact), most) << place << " " << kind;
      EXPECT_LE(relative(kept, exact), most) << place << " " << kind;
    }
}

// What is kept for the backward pass of a linear layer takes half the memory, once for two neighbours.
TEST(Bf16Step, KeepsHalfTheMemory) {
  RandomStream random({42, 0, 0, 0});
  ModelConfig config = tiny_config();
  config.width = 64;
  config.layer.heads = 4;
  config.layer.ffn = 256;
  const TinyModel m(config, DType::f32);
  const TinyBatch batch = random_batch(random, 60, kVocab);
  const auto kept = [&](ops::SavePolicy* policy) {
    Arena arena;
    const ops::Tape tape(arena, {.policy = policy});
    nn::Pass pass = m.pass();
    pass.compute = ops::Compute::bf16;
    const ops::OutputLoss loss = batch_loss(m.model, pass, batch);
    return static_cast<double>(arena.bytes_in_use());
  };
  ops::NarrowPolicy narrow;
  EXPECT_LE(kept(&narrow), 0.6 * kept(nullptr));
}

}  // namespace
}  // namespace heddle::model
