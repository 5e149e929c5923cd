// Segment recurrence all at once, against one segment after the other with a memory of states whose gradient is
// stopped.

#include <gtest/gtest.h>

#include <cmath>

#include "heddle/nn/gradients.h"
#include "heddle/nn/multi_head_attention.h"

namespace heddle::nn {
namespace {

constexpr int64_t kLength = 8, kWidth = 6, kSegment = 3, kMemory = 2;

struct Result {
  Tensor y, dx, dweights;
};

class WatchedInput : public SummedGradients {
 public:
  WatchedInput(const Parameters& parameters, const WeightSet& weights, const Tensor& x)
      : SummedGradients(parameters, weights), x_(x), dx(Tensor::zeros(x.shape(), x.dtype())) {}
  bool wants(const ops::Tape& tape, NodeId node) const override {
    return node == x_.node() || SummedGradients::wants(tape, node);
  }
  Tensor slot(const ops::Tape& tape, NodeId node, int group) override {
    return node == x_.node() ? dx : SummedGradients::slot(tape, node, group);
  }

 private:
  Tensor x_;

 public:
  Tensor dx;
};

Result run(const AttentionConfig& config, const Tensor& numbers, const Tensor& seed) {
  Parameters parameters;
  const SelfAttention attention(parameters, "a", 0, config);
  WeightSet weights = parameters.make_set(DType::f64);
  parameters.initialize(weights, 5);
  std::vector<int32_t> offsets = {0, static_cast<int32_t>(numbers.rows())}, position;
  for (int32_t i = 0; i < offsets[1]; ++i) position.push_back(i);
  const std::vector<int64_t> example(position.size());
  Arena arena;
  ops::Tape tape(arena);
  const Tensor x = tape.watch(numbers);
  WatchedInput sink(parameters, weights, x);
  const Tensor y =
      attention.forward({.parameters = parameters, .weights = weights, .random = {}}, x, {offsets, example, position});
  const Tensor kept = keep(y);
  const ops::Seed start = {y, seed};
  tape.backward({&start, 1}, sink);
  return {kept, sink.dx, keep(sink.flat())};
}

Tensor waves(int64_t rows, double first) {
  const Tensor x = Tensor::zeros({rows, kWidth}, DType::f64);
  for (int64_t i = 0; i < x.count(); ++i) x.data<double>()[i] = std::sin(first + 1.7 * static_cast<double>(i));
  return x;
}

TEST(Segments, AreOneAfterTheOtherWithAMemoryThatTakesNoGradient) {
  AttentionConfig plain = {.width = kWidth, .heads = 2, .mask = kernels::Mask::causal()}, segments = plain;
  segments.kind = "segments";
  segments.segment = kSegment;
  segments.memory = kMemory;
  const Tensor x = waves(kLength, 0), seed = waves(kLength, 100);
  const Result all = run(segments, x, seed);
  const Tensor dweights = Tensor::zeros(all.dweights.shape(), DType::f64);
  for (int64_t begin = 0; begin < kLength; begin += kSegment) {
    const int64_t first = std::max<int64_t>(0, begin - kMemory), end = std::min(begin + kSegment, kLength);
    const Tensor own_seed = Tensor::zeros({end - first, kWidth}, DType::f64);
    copy_into(seed.row_range(begin, end), own_seed.row_range(begin - first, end - first));
    const Result one = run(plain, keep(x.row_range(first, end)), own_seed);
    for (int64_t i = 0; i < dweights.count(); ++i) dweights.data<double>()[i] += one.dweights.data<double>()[i];
    for (int64_t i = begin * kWidth; i < end * kWidth; ++i) {
      EXPECT_NEAR(all.y.data<double>()[i], one.y.data<double>()[i - first * kWidth], 1e-12) << i;
      EXPECT_NEAR(all.dx.data<double>()[i], one.dx.data<double>()[i - first * kWidth], 1e-12) << i;
    }
  }
  for (int64_t i = 0; i < dweights.count(); ++i)
    EXPECT_NEAR(all.dweights.data<double>()[i], dweights.data<double>()[i], 1e-12) << i;
}

}  // namespace
}  // namespace heddle::nn
