#include "heddle/ops/tape.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <optional>
#include <vector>

#include "heddle/base/random.h"
#include "heddle/ops/linear.h"
#include "heddle/ops/residual_norm.h"

namespace heddle::ops {
namespace {

const int kOwner = 0;

// Rows of one sequence each.
struct TestRows {
  std::vector<int32_t> offsets, position;
  std::vector<int64_t> example;
  explicit TestRows(int32_t count) {
    for (int32_t i = 0; i <= count; ++i) offsets.push_back(i);
    position.assign(static_cast<size_t>(count), 0);
    for (int32_t i = 0; i < count; ++i) example.push_back(i);
  }
  Rows rows() const { return {offsets, example, position}; }
};

Tensor random_tensor(Shape shape, uint64_t seed) {
  RandomStream random({seed, 0, 0, 0});
  Tensor tensor = Tensor::zeros(shape, DType::f64);
  for (double& x : tensor.span<double>()) x = random.normal();
  return tensor;
}

// Keeps every gradient that is wanted, and the order in which leaves became final.
class MapSink : public GradientSink {
 public:
  bool wants(const Tape& tape, NodeId node) const override {
    return tape.key_of(node).owner != nullptr || extra.contains(node);
  }
  Tensor slot(const Tape& tape, NodeId node, int) override {
    const LeafKey key = tape.key_of(node);
    Tensor& tensor = key.owner ? parameters[key.index] : others[node];
    if (!tensor.defined()) tensor = Tensor::zeros(key.owner ? shapes.at(key.index) : extra.at(node), DType::f64);
    return tensor;
  }
  void final_use(const Tape& tape, NodeId node) override { finals.push_back(tape.key_of(node).index); }

  std::map<int32_t, Shape> shapes;
  std::map<NodeId, Shape> extra;
  std::map<int32_t, Tensor> parameters;
  std::map<NodeId, Tensor> others;
  std::vector<int32_t> finals;
};

double difference(const Tensor& a, const Tensor& b) {
  double most = 0;
  for (int64_t i = 0; i < a.count(); ++i) most = std::max(most, std::abs(a.data<double>()[i] - b.data<double>()[i]));
  return most;
}

// y = W2·gelu(W1·x); W1 is key 1, W2 key 2.
struct Net {
  Tensor w1 = random_tensor({6, 4}, 1), w2 = random_tensor({4, 6}, 2), x = random_tensor({5, 4}, 3);
  TestRows rows{5};

  Tensor run(Tape& tape, const Tensor& input) const {
    const Tensor h =
        linear(input, tape.leaf(w1, {&kOwner, 1}), {}, rows.rows(), {.activation = kernels::Activation::gelu});
    return linear(h, tape.leaf(w2, {&kOwner, 2}), {}, rows.rows());
  }
  MapSink sink() const {
    MapSink made;
    made.shapes = {{1, w1.shape()}, {2, w2.shape()}};
    return made;
  }
};

TEST(Tape, WithoutATapeNothingIsRecorded) {
  const Net net;
  EXPECT_EQ(Tape::current(), nullptr);
  const Tensor y = linear(net.x, net.w1, {}, net.rows.rows());
  EXPECT_EQ(y.node(), kNoNode);
  Arena arena;
  const Tape tape(arena);
  EXPECT_EQ(linear(net.x, net.w1, {}, net.rows.rows()).node(), kNoNode) << "nothing here is on the tape";
  EXPECT_EQ(tape.operations(), 0);
}

TEST(Tape, BackwardFromAnyTensorWithAnySeed) {
  const Net net;
  const Tensor seed = random_tensor({5, 4}, 9);
  MapSink sink = net.sink();
  Arena arena;
  Tape tape(arena);
  const Tensor input = tape.watch(net.x), y = net.run(tape, input);
  sink.extra[input.node()] = net.x.shape();
  const Seed start{y, seed};
  tape.backward({&start, 1}, sink);
  const auto value = [&](const Tensor& at) {
    const Tensor h = linear(at, net.w1, {}, net.rows.rows(), {.activation = kernels::Activation::gelu});
    const Tensor out = linear(h, net.w2, {}, net.rows.rows());
    double sum = 0;
    for (int64_t i = 0; i < out.count(); ++i) sum += out.data<double>()[i] * seed.data<double>()[i];
    return sum;
  };
  for (int64_t i = 0; i < net.x.count(); i += 3) {
    const Tensor up = keep(net.x), down = keep(net.x);
    up.data<double>()[i] += 1e-5;
    down.data<double>()[i] -= 1e-5;
    EXPECT_NEAR((value(up) - value(down)) / 2e-5, sink.others[input.node()].data<double>()[i], 1e-6);
  }
}

TEST(Tape, GradientsOfAnyIntermediate) {
  const Net net;
  const Tensor seed = random_tensor({5, 4}, 9);
  MapSink sink = net.sink();
  Arena arena;
  Tape tape(arena);
  const Tensor h = linear(net.x, tape.leaf(net.w1, {&kOwner, 1}), {}, net.rows.rows());
  const Tensor y = linear(h, tape.leaf(net.w2, {&kOwner, 2}), {}, net.rows.rows());
  sink.extra[h.node()] = h.shape();
  sink.extra[y.node()] = y.shape();
  const Seed start{y, seed};
  tape.backward({&start, 1}, sink);
  ASSERT_TRUE(sink.others.contains(h.node()) && sink.others.contains(y.node()));
  EXPECT_EQ(difference(sink.others[y.node()], seed), 0);
  for (int64_t r = 0; r < 5; ++r)
    for (int64_t c = 0; c < 6; ++c) {
      double sum = 0;  // dh = dy·W2
      for (int64_t o = 0; o < 4; ++o) sum += seed.data<double>()[r * 4 + o] * net.w2.data<double>()[o * 6 + c];
      EXPECT_NEAR(sink.others[h.node()].data<double>()[r * 6 + c], sum, 1e-12);
    }
}

// Doubles all that it sees, which no product rounds.
struct Doubling : Watch {
  void value(const Tensor& output) override {
    for (double& each : output.span<double>()) each *= 2;
  }
  Tensor gradient(const Tensor& gradient) override {
    const Tensor twice = keep(gradient);
    value(twice);
    return twice;
  }
};

TEST(Tape, WhatAWatchChangesGoesOn) {
  const Net net;
  const Tensor seed = random_tensor({5, 4}, 9);
  Doubling doubling;
  const auto run = [&](Watch* watch, MapSink& sink) {
    Arena arena;
    Tape tape(arena, {.watch = watch});
    const Tensor h = linear(net.x, tape.leaf(net.w1, {&kOwner, 1}), {}, net.rows.rows());
    const Tensor y = linear(h, tape.leaf(net.w2, {&kOwner, 2}), {}, net.rows.rows());
    const Seed start{y, seed};
    tape.backward({&start, 1}, sink);
    return keep(y);
  };
  MapSink plain = net.sink(), changed = net.sink();
  const Tensor y = run(nullptr, plain), watched = run(&doubling, changed);
  const auto expect_fourfold = [](const Tensor& large, const Tensor& small) {
    for (int64_t i = 0; i < small.count(); ++i) ASSERT_EQ(large.data<double>()[i], 4 * small.data<double>()[i]);
  };
  expect_fourfold(watched, y);                                  // two values
  expect_fourfold(changed.parameters[1], plain.parameters[1]);  // two gradients
  expect_fourfold(changed.parameters[2], plain.parameters[2]);  // a value and a gradient
}

// A weight that is used directly and through a computed weight: its gradient is added to what the
// sink holds, and all of it is there when final_use() says so.
TEST(Tape, AGradientIsAddedUpAndWholeWhenItIsFinal) {
  class Snapshots : public MapSink {
   public:
    void final_use(const Tape& tape, NodeId node) override {
      const int32_t index = tape.key_of(node).index;
      at_final[index] = parameters.contains(index) ? keep(parameters[index]) : Tensor::zeros(shapes[index], DType::f64);
    }
    std::map<int32_t, Tensor> at_final;
  };
  const Tensor w = random_tensor({4, 4}, 4), v = random_tensor({4, 4}, 5), x = random_tensor({4, 4}, 6);
  const TestRows rows(4);
  const auto run = [&](Snapshots& sink) {
    sink.shapes = {{1, w.shape()}, {2, v.shape()}};
    Arena arena;
    Tape tape(arena);
    const Tensor one = tape.leaf(w, {&kOwner, 1}), two = tape.leaf(v, {&kOwner, 2});
    const Tensor computed = residual_add(one, {}, two, rows.rows(), {});
    const Seed seed{linear(linear(x, computed, {}, rows.rows()), one, {}, rows.rows()), {}};
    tape.backward({&seed, 1}, sink);
  };
  Snapshots fresh, filled;
  for (int32_t key : {1, 2}) filled.parameters[key] = random_tensor({4, 4}, 7);
  run(fresh);
  run(filled);
  for (int32_t key : {1, 2}) {
    const Tensor sum = random_tensor({4, 4}, 7);
    for (int64_t i = 0; i < 16; ++i) sum.data<double>()[i] += fresh.parameters[key].data<double>()[i];
    EXPECT_LE(difference(filled.parameters[key], sum), 1e-12) << key;
    EXPECT_EQ(difference(fresh.at_final[key], fresh.parameters[key]), 0) << key;
    EXPECT_EQ(difference(filled.at_final[key], filled.parameters[key]), 0) << key;
  }
}

// A tape within a tape takes what is recorded while it stands; the outer one goes on behind it.
TEST(Tape, OneModelOnTwoTapesAtOnce) {
  const Net net;
  MapSink outer_sink = net.sink(), inner_sink = net.sink();
  Arena outer_arena, inner_arena;
  Tape outer(outer_arena);
  const Tensor before = net.run(outer, net.x);
  {
    Tape inner(inner_arena);
    const Seed seed{net.run(inner, net.x), {}};
    EXPECT_EQ(inner.operations(), 2);
    inner.backward({&seed, 1}, inner_sink);
  }
  const Tensor behind = net.run(outer, net.x);
  EXPECT_EQ(outer.operations(), 4);
  const Seed seeds[] = {{before, {}}, {behind, {}}};
  outer.backward(seeds, outer_sink);
  for (int32_t key : {1, 2})
    for (int64_t i = 0; i < inner_sink.parameters[key].count(); ++i)
      EXPECT_NEAR(outer_sink.parameters[key].data<double>()[i], 2 * inner_sink.parameters[key].data<double>()[i],
                  1e-12);
}

TEST(Tape, SeveralBackwardPassesOverOneRecording) {
  const Net net;
  MapSink first = net.sink(), second = net.sink();
  Arena arena;
  Tape tape(arena);
  const Tensor y = net.run(tape, net.x);
  const Seed seed{y, {}};
  tape.backward({&seed, 1}, first, Retain::yes);
  tape.backward({&seed, 1}, second, Retain::no);
  EXPECT_EQ(difference(first.parameters[1], second.parameters[1]), 0);
  EXPECT_THROW(tape.backward({&seed, 1}, second), Error);
}

TEST(Tape, StopGradientCutsThePath) {
  const Net net;
  MapSink sink = net.sink();
  Arena arena;
  Tape tape(arena);
  const Tensor h = linear(net.x, tape.leaf(net.w1, {&kOwner, 1}), {}, net.rows.rows());
  const Tensor y = linear(stop_gradient(h), tape.leaf(net.w2, {&kOwner, 2}), {}, net.rows.rows());
  const Seed seed{y, {}};
  tape.backward({&seed, 1}, sink);
  EXPECT_FALSE(sink.parameters.contains(1));
  EXPECT_TRUE(sink.parameters.contains(2));
}

TEST(Tape, SharedWeightsAreOneLeafFinalAfterTheirLastUse) {
  const Tensor w = random_tensor({4, 4}, 4), v = random_tensor({4, 4}, 5), x = random_tensor({3, 4}, 6);
  const TestRows rows(3);
  MapSink sink;
  sink.shapes = {{1, w.shape()}, {2, v.shape()}};
  Arena arena;
  Tape tape(arena);
  const auto use = [&](const Tensor& in, const Tensor& weight, int32_t index) {
    return linear(in, tape.leaf(weight, {&kOwner, index}), {}, rows.rows());
  };
  const Tensor y = use(use(use(x, w, 1), v, 2), w, 1);
  const Seed seed{y, {}};
  tape.backward({&seed, 1}, sink);
  EXPECT_EQ(sink.finals, (std::vector<int32_t>{2, 1}))
      << "w is final only behind its first use, the last to be visited";
  EXPECT_EQ(tape.leaf(w, {&kOwner, 1}).node(), tape.leaf(w, {&kOwner, 1}).node());
}

TEST(Tape, ARecomputedRegionGivesTheSameGradients) {
  const Net net;
  MapSink plain = net.sink(), recomputed = net.sink();
  int runs = 0;
  for (MapSink* sink : {&plain, &recomputed}) {
    Arena arena;
    Tape tape(arena);
    const Tensor input = tape.watch(net.x);
    sink->extra[input.node()] = net.x.shape();
    Tensor y;
    if (sink == &plain) y = net.run(tape, input);
    else
      tape.region({&input, 1}, {&y, 1}, net.rows.rows(), [&](std::span<const Tensor> in, std::span<Tensor> out) {
        ++runs;
        out[0] = net.run(*Tape::current(), in[0]);
      });
    const Seed seed{y, random_tensor({5, 4}, 8)};
    tape.backward({&seed, 1}, *sink);
    EXPECT_EQ(sink->finals.size(), 3u) << "both weights and the watched input";
  }
  EXPECT_EQ(runs, 2) << "once forward, once in the backward pass";
  for (int32_t key : {1, 2}) EXPECT_LE(difference(plain.parameters[key], recomputed.parameters[key]), 1e-12);
  EXPECT_LE(difference(plain.others.begin()->second, recomputed.others.begin()->second), 1e-12);
}

TEST(Tape, SavePoliciesNarrowAndSpill) {
  const Net net;
  const auto gradients = [&](SavePolicy* policy) {
    MapSink sink = net.sink();
    Arena arena;
    Tape tape(arena, {.policy = policy});
    const Seed seed{net.run(tape, net.x), {}};
    tape.backward({&seed, 1}, sink);
    return sink.parameters[1];
  };
  const Tensor exact = gradients(nullptr);
  NarrowPolicy narrow;
  SpillPolicy spill(testing::TempDir(), 1);
  const double rounding = difference(gradients(&narrow), exact);
  EXPECT_GT(rounding, 0);
  EXPECT_LT(rounding, 0.5);
  EXPECT_EQ(difference(gradients(&spill), exact), 0);
  EXPECT_GT(spill.bytes_spilled(), 0);
}

TEST(Tape, ASecondStepOfTheSameShapesAsksTheHeapForNothing) {
  const Net net;
  Arena arena;
  int64_t chunks = 0;
  for (int step = 0; step < 5; ++step) {
    MapSink sink = net.sink();
    {
      Tape tape(arena);
      const Seed seed{net.run(tape, net.x), {}};
      tape.backward({&seed, 1}, sink);
    }
    arena.reset();
    if (step == 1) chunks = arena.chunk_allocations();
  }
  EXPECT_EQ(arena.chunk_allocations(), chunks);
}

TEST(Tape, AValueThatNeedsToOutliveTheTapeIsKept) {
  const Net net;
  std::optional<Arena> arena(std::in_place);
  Tensor y, kept;
  {
    Tape tape(*arena);
    y = net.run(tape, net.x);
    kept = keep(y);
  }
  arena->reset();
  EXPECT_THROW(y.data<double>(), Error);
  EXPECT_NO_THROW(kept.data<double>());
}

}  // namespace
}  // namespace heddle::ops
