// Several sets of numbers for one model, and several models on one tape.

#include <gtest/gtest.h>

#include "tests/model/tiny_model.h"

namespace heddle::model {
namespace {

Tensor states_of(const TinyModel& m, const nn::Pass& pass, const TinyBatch& batch) {
  const Tensor memory = m.model.encode(pass, batch.source.stream());
  return m.model.decode(pass, batch.target_in.stream(), memory, batch.source.rows());
}

// A teacher is another set behind the same modules: read in place, and without gradients.
TEST(WeightSets, AnotherSetIsSwappedInWithoutCopying) {
  RandomStream random({41, 0, 0, 0});
  TinyModel student(tiny_config());
  const TinyModel twin(tiny_config());
  const TinyBatch batch = random_batch(random, 3, kVocab);
  nn::WeightSet teacher = student.parameters.make_set(DType::f64);
  student.parameters.initialize(teacher, 99);
  nn::Pass pass = student.pass(false);
  const Tensor before = keep(states_of(student, pass, batch));
  const nn::Pass teaching = {.parameters = student.parameters, .weights = teacher, .random = {}, .frozen = true};
  EXPECT_GT(relative(states_of(student, teaching, batch), before), 0.1);
  EXPECT_EQ(relative(states_of(student, pass, batch), before), 0) << "the student's own set is as it was";
  // A change to the set is seen at once: nothing was copied.
  const double old = teacher.flat().data<double>()[0];
  const Tensor one = keep(states_of(student, teaching, batch));
  for (double& w : teacher.flat().span<double>()) w *= 1.1;
  EXPECT_NE(old, teacher.flat().data<double>()[0]);
  EXPECT_GT(relative(states_of(student, teaching, batch), one), 1e-3);

  Arena arena;
  ops::Tape tape(arena);
  const Tensor taught = states_of(student, teaching, batch);
  EXPECT_EQ(taught.node(), kNoNode) << "a frozen pass records nothing";
}

// One tape, two models: gradients of the sum of their losses reach each model's own sink.
TEST(WeightSets, TwoModelsShareATape) {
  RandomStream random({42, 0, 0, 0});
  TinyModel a(tiny_config()), b(tiny_config()), alone_a(tiny_config()), alone_b(tiny_config());
  for (TinyModel* m : {&b, &alone_b})
    for (double& w : m->weights.flat().span<double>()) w *= 1.3;
  const TinyBatch batch = random_batch(random, 3, kVocab);
  alone_a.add_gradients(batch, false);
  alone_b.add_gradients(batch, false);
  Arena arena;
  ops::Tape tape(arena);
  const ops::Seed seeds[] = {{batch_loss(a.model, a.pass(), batch).loss, {}},
                             {batch_loss(b.model, b.pass(), batch).loss, {}}};
  tape.backward(seeds, a.gradients, ops::Retain::yes);
  tape.backward(seeds, b.gradients);
  EXPECT_LE(relative(a.gradients.flat(), alone_a.gradients.flat()), 1e-12);
  EXPECT_LE(relative(b.gradients.flat(), alone_b.gradients.flat()), 1e-12);
}

// One model twice on a tape (R-Drop): its gradient is the sum of both.
TEST(WeightSets, OneModelTwiceOnATape) {
  RandomStream random({43, 0, 0, 0});
  TinyModel m(tiny_config()), apart(tiny_config());
  const TinyBatch batch = random_batch(random, 3, kVocab);
  nn::Pass passes[] = {m.pass(), m.pass()};
  passes[1].random.pass = 1;
  {
    Arena arena;
    ops::Tape tape(arena);
    const ops::Seed seeds[] = {{batch_loss(m.model, passes[0], batch).loss, {}},
                               {batch_loss(m.model, passes[1], batch).loss, {}}};
    tape.backward(seeds, m.gradients);
  }
  for (uint64_t pass_number : {0, 1}) {
    Arena arena;
    ops::Tape tape(arena);
    nn::Pass pass = apart.pass();
    pass.random.pass = pass_number;
    const ops::Seed seed{batch_loss(apart.model, pass, batch).loss, {}};
    tape.backward({&seed, 1}, apart.gradients);
  }
  EXPECT_LE(relative(m.gradients.flat(), apart.gradients.flat()), 1e-12);
}

TEST(WeightSets, FrozenWeightsGetNoGradient) {
  RandomStream random({44, 0, 0, 0});
  TinyModel m(tiny_config());
  for (nn::ParameterId id : m.parameters.match("encoder.*")) m.parameters.set_trainable(id, false);
  m.add_gradients(random_batch(random, 3, kVocab));
  for (const nn::ParameterInfo& info : m.parameters.all()) {
    double norm = 0;
    for (double g : m.gradients.of(m.parameters.find(info.name)).span<double>()) norm += g * g;
    EXPECT_EQ(norm == 0, info.name.starts_with("encoder.")) << info.name;
  }
}

}  // namespace
}  // namespace heddle::model
