#pragma once
// One operation, all that is asked of it:
//   f64 gradients against central differences (1e-6), also when gradients meet what is already
//   there, when only one input is wanted, and kept apart per sequence; f32 against f64 (1e-5) at
//   every SIMD level; bfloat16 products (2e-2), where the operation has them.
//
// The loss is Σ out·seed for a random seed. The operation runs twice on one tape, so that every
// gradient is written once and added to once. The arena's memory is full of NaN before it is used.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <vector>

#include "heddle/ops/compute.h"
#include "heddle/ops/tape.h"
#include "tests/kernels/kernel_comparison.h"
#include "tests/places/places.h"

namespace heddle::ops {

using kernels::Doubles;
using kernels::gradient_error;
using kernels::tensor_error;

// Random sequences, some of them empty, of examples with random numbers; positions are below 16.
class PackedRows {
 public:
  PackedRows(RandomStream& random, int64_t sequences, int64_t longest) : offsets_{0} {
    for (int64_t s = 0; s < sequences; ++s) {
      const auto length = static_cast<int32_t>(random.below(static_cast<uint64_t>(longest) + 1));
      const auto example = static_cast<int64_t>(random.below(1000000));
      for (int32_t i = 0; i < length; ++i) {
        example_.push_back(example);
        position_.push_back(i % 16);
      }
      offsets_.push_back(offsets_.back() + length);
    }
  }
  Rows rows() const { return {offsets_, example_, position_}; }
  int64_t count() const { return offsets_.back(); }
  int64_t sequences() const { return std::ssize(offsets_) - 1; }

 private:
  std::vector<int32_t> offsets_, position_;
  std::vector<int64_t> example_;
};

// Normal numbers that f32 holds exactly.
inline Tensor random_tensor(RandomStream& random, Shape shape, double scale = 1) {
  const Doubles values = kernels::random_values(random, shape.count(), scale);
  Tensor tensor = Tensor::zeros(shape, DType::f64);
  std::ranges::copy(values, tensor.data<double>());
  return tensor;
}

inline Tensor converted(const Tensor& tensor, DType dtype) {
  Tensor copy = Tensor::zeros(tensor.shape(), dtype);
  copy_into(tensor, copy);
  return copy;
}

inline Doubles numbers(const Tensor& tensor) {
  const Tensor wide = converted(tensor, DType::f64);
  return {wide.data<double>(), wide.data<double>() + wide.count()};
}

using Tensors = std::vector<Tensor>;

struct Operation {
  Tensors inputs;  // f64; the gradient of each is checked
  std::function<Tensor(const Tensors&, Compute)> run;
  bool has_bf16 = false;
  bool eager = false;  // the sink is the tape's own: the gradients of the results are ones
  bool apart = true;   // gradients can be had by sequence; never of an eager one
};

namespace internal {

const inline int kOwner = 0;

// Adds up the gradients of some leaves, also those that are kept apart per sequence.
class LeafSink : public GradientSink {
 public:
  explicit LeafSink(bool apart) : apart_(apart) {}
  std::span<const int32_t> groups(const Rows& rows) const override {
    return apart_ ? rows.offsets : std::span<const int32_t>{};
  }
  bool wants(const Tape&, NodeId node) const override { return shapes_.contains(node); }
  Tensor slot(const Tape&, NodeId node, int group) override {
    Tensor& tensor = slots_[{node, group}];
    if (!tensor.defined()) tensor = converted(shapes_.at(node), shapes_.at(node).dtype());
    return tensor;
  }
  void want(const Tensor& leaf) { shapes_[leaf.node()] = Tensor::zeros(leaf.shape(), leaf.dtype()); }
  Doubles sum(const Tensor& leaf) const {
    Doubles total(static_cast<size_t>(leaf.count()));
    for (const auto& [place, tensor] : slots_) {
      if (place.first != leaf.node()) continue;
      const Doubles part = numbers(tensor);
      for (size_t i = 0; i < total.size(); ++i) total[i] += part[i];
    }
    return total;
  }

 private:
  bool apart_;
  std::map<NodeId, Tensor> shapes_;
  std::map<std::pair<NodeId, int>, Tensor> slots_;
};

struct Recording {
  Doubles out;
  std::vector<Doubles> gradients;  // by input; empty where it was not wanted
};

struct How {
  DType dtype = DType::f64;
  Compute compute = Compute::f32;
  bool apart = false;  // gradients per sequence, of leaves that stand for parameters
  int only = -1;       // the one input that is wanted, -1: all
};

inline void fill_with_nan(Arena& arena) {
  {
    const Tensor memory = Tensor::in_arena(arena, {1 << 16}, DType::f64);
    std::ranges::fill(memory.span<double>(), std::numeric_limits<double>::quiet_NaN());
  }
  arena.reset();
}

inline Recording record(const Operation& operation, const Tensor& seed, const Tensor& second_seed, How how) {
  Arena arena;
  fill_with_nan(arena);
  LeafSink sink(how.apart);
  Tape tape(arena, {.eager_sink = operation.eager ? &sink : nullptr});
  Tensors leaves;
  for (size_t i = 0; i < operation.inputs.size(); ++i) {
    const Tensor input = converted(operation.inputs[i], how.dtype);
    leaves.push_back(how.apart ? tape.leaf(input, {&kOwner, static_cast<int32_t>(i)}) : tape.watch(input));
    if (how.only < 0 || how.only == static_cast<int>(i)) sink.want(leaves.back());
  }
  const Tensor out = operation.run(leaves, how.compute), again = operation.run(leaves, how.compute);
  const Seed seeds[] = {{out, converted(seed, how.dtype)}, {again, converted(second_seed, how.dtype)}};
  Recording recording{numbers(out), {}};
  tape.backward(seeds, sink);
  for (size_t i = 0; i < leaves.size(); ++i)
    recording.gradients.push_back(how.only < 0 || how.only == static_cast<int>(i) ? sink.sum(leaves[i]) : Doubles{});
  return recording;
}

// Central differences of at most 80 elements of each input, chosen at random; of 10 under a sanitizer, which looks at
// what is read and written, the same for every element, and makes each ten times as dear.
inline void expect_finite_differences(const Operation& operation, const Doubles& seed, const Recording& recording) {
  const size_t most = memory_is_ours() ? 80 : 10;
  RandomStream random({99, 0, 0, 0});
  const auto loss = [&] { return kernels::dot(numbers(operation.run(operation.inputs, Compute::f32)), seed); };
  for (size_t i = 0; i < operation.inputs.size(); ++i) {
    const auto values = operation.inputs[i].span<double>();
    Doubles differences, gradient;
    for (size_t n = 0; n < std::min(values.size(), most); ++n) {
      const size_t at = values.size() <= most ? n : random.below(values.size());
      const double old = values[at], step = 1e-5;
      values[at] = old + step;
      const double up = loss();
      values[at] = old - step;
      const double down = loss();
      values[at] = old;
      differences.push_back((up - down) / (2 * step));
      gradient.push_back(recording.gradients[i][at]);
    }
    // Differences of a loss of size 1 are right to about 1e-10.
    EXPECT_LE(gradient_error(gradient, differences, 1e-2), 1e-6) << "input " << i;
  }
}

}  // namespace internal

inline void check_operation(const Operation& operation) {
  RandomStream random({98, 0, 0, 0});
  const Tensor shown = operation.run(operation.inputs, Compute::f32);
  const Tensor seed = random_tensor(random, shown.shape()), second = random_tensor(random, shown.shape());
  if (operation.eager)
    for (const Tensor& ones : {seed, second}) std::ranges::fill(ones.span<double>(), 1.0);
  Doubles both = numbers(seed);
  for (size_t i = 0; i < both.size(); ++i) both[i] += second.data<double>()[i];

  const internal::Recording exact = internal::record(operation, seed, second, {});
  EXPECT_EQ(exact.out, numbers(shown)) << "recorded or not";
  internal::expect_finite_differences(operation, both, exact);

  const auto inputs = static_cast<int>(operation.inputs.size());
  if (operation.apart && !operation.eager) {
    const internal::Recording apart = internal::record(operation, seed, second, {.apart = true});
    for (int i = 0; i < inputs; ++i)
      EXPECT_LE(gradient_error(apart.gradients[i], exact.gradients[i], 1e-3), 1e-12) << "per sequence, input " << i;
  }
  for (int only = 0; only < inputs && inputs > 1; ++only) {
    const internal::Recording alone = internal::record(operation, seed, second, {.only = only});
    EXPECT_LE(gradient_error(alone.gradients[only], exact.gradients[only], 1e-3), 1e-12) << "alone, input " << only;
  }
  const auto compare = [&](internal::How how, double tolerance) {
    const internal::Recording other = internal::record(operation, seed, second, how);
    EXPECT_LE(tensor_error(other.out, exact.out), tolerance);
    // Where terms of size 1 cancel to almost nothing, their rounding is what is left.
    for (int i = 0; i < inputs; ++i)
      EXPECT_LE(gradient_error(other.gradients[i], exact.gradients[i], 1.0), tolerance) << "input " << i;
  };
  kernels::at_every_simd_level([&] { compare({.dtype = DType::f32}, 1e-5); });
  if (operation.has_bf16) compare({.dtype = DType::f32, .compute = Compute::bf16}, 2e-2);
}

// body(random, rows) for no sequence, empty ones, one row, and random shapes, small and beyond a
// vector.
template <class Body>
void over_packed_rows(uint64_t seed, Body&& body) {
  RandomStream random({seed, 0, 0, 0});
  for (const auto& [sequences, longest] : {std::pair{0, 0}, {2, 0}, {1, 1}, {1, 1}, {2, 3}, {4, 5}, {3, 9}, {5, 40}})
    for (int round = 0; round < 3; ++round) {
      const PackedRows rows(random, sequences, longest);
      SCOPED_TRACE(fmt::format("{} rows in {} sequences, round {}", rows.count(), rows.sequences(), round));
      body(random, rows);
    }
}

}  // namespace heddle::ops
