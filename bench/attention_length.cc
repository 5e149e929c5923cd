// Processor seconds and bytes of a causal self-attention, forward and backward, by its length: heddle_attention_length
// KIND LENGTH. KIND: softmax, elu or performer (features of linear attention). One sequence, 2 heads of 64, f32, one
// thread. Prints one JSON object; bench/linear.py runs it over many lengths.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "bench/median.h"
#include "heddle/base/clock.h"
#include "heddle/base/memory.h"
#include "heddle/base/random.h"
#include "heddle/base/thread_loop.h"
#include "heddle/nn/attention/kind.h"
#include "heddle/nn/gradients.h"

namespace heddle::nn {
namespace {

constexpr int kHeads = 2;
constexpr int64_t kHead = 64;
constexpr double kSeconds = 1.0;  // of measuring
constexpr int kLearning = 2;      // steps after which the arena is one chunk that the system has handed out

// Adds the gradients of queries, keys and values to memory that is there before the measuring.
class Inputs : public ops::GradientSink {
 public:
  explicit Inputs(const std::vector<Tensor>& numbers) {
    for (const Tensor& tensor : numbers) slots_.push_back(Tensor::zeros(tensor.shape(), tensor.dtype()));
  }
  // The leaves that stand for them in this step.
  void want(std::vector<Tensor> leaves) { leaves_ = std::move(leaves); }
  bool wants(const ops::Tape&, NodeId node) const override { return place(node) < leaves_.size(); }
  Tensor slot(const ops::Tape&, NodeId node, int) override { return slots_[place(node)]; }

 private:
  size_t place(NodeId node) const {
    const auto found = std::ranges::find_if(leaves_, [&](const Tensor& leaf) { return leaf.node() == node; });
    return static_cast<size_t>(found - leaves_.begin());
  }

  std::vector<Tensor> leaves_, slots_;
};

Tensor random_tensor(RandomStream& random, int64_t rows) {
  Tensor tensor = Tensor::zeros({rows, kHeads * kHead}, DType::f32);
  for (float& value : tensor.span<float>()) value = static_cast<float>(random.normal());
  return tensor;
}

std::string measured(const std::string& kind, int64_t length) {
  const int64_t before = heap_bytes();
  const AttentionConfig config = {.width = kHeads * kHead,
                                  .heads = kHeads,
                                  .kind = kind == "softmax" ? "softmax" : "linear",
                                  .feature_map = kind == "softmax" ? "elu" : kind,
                                  .mask = kernels::Mask::causal()};
  Parameters parameters;
  const auto made = attentions::find_kind(config.kind).make({parameters, "attention"}, config);
  WeightSet weights(parameters, DType::f32);
  parameters.initialize(weights, 1);
  const Pass pass = {.parameters = parameters, .weights = weights, .random = {}, .training = true};
  RandomStream random({1, 0, 0, 0});
  const std::vector<Tensor> numbers = {random_tensor(random, length), random_tensor(random, length),
                                       random_tensor(random, length)};
  const Tensor seed = random_tensor(random, length);
  std::vector<int32_t> offsets = {0, static_cast<int32_t>(length)}, position(static_cast<size_t>(length));
  std::iota(position.begin(), position.end(), 0);
  const std::vector<int64_t> example(position.size());
  const Rows rows = {offsets, example, position};
  const ops::AttentionOptions options = {
      .heads = kHeads, .key_heads = kHeads, .scale = config.scale(), .mask = config.mask};
  Inputs sink(numbers);
  Arena arena;
  std::vector<double> times;
  for (const double begin = steady_seconds();
       times.size() < kLearning + 3 || (times.size() < 500 && steady_seconds() - begin < kSeconds);) {
    const double began = process_cpu_seconds();
    {
      ops::Tape tape(arena);
      std::vector<Tensor> watched;
      for (const Tensor& tensor : numbers) watched.push_back(tape.watch(tensor));
      sink.want(watched);
      const Tensor out = made->mix(pass, watched[0], watched[1], watched[2], rows, rows, options);
      const ops::Seed start{out, seed};
      tape.backward({&start, 1}, sink);
    }
    times.push_back(process_cpu_seconds() - began);
    arena.reset();
  }
  times.erase(times.begin(), times.begin() + kLearning);
  // What the step holds at most: of the arena only what was used.
  const int64_t bytes = heap_bytes() - before - arena.reserved_bytes() + arena.peak_bytes();
  return fmt::format("{{\"seconds\": {:.9f}, \"bytes\": {}}}", median(times), bytes);
}

}  // namespace
}  // namespace heddle::nn

int main(int argc, char** argv) {
  const std::string kind = argc == 3 ? argv[1] : "";
  const long length = argc == 3 ? std::strtol(argv[2], nullptr, 10) : 0;
  if ((kind != "softmax" && kind != "elu" && kind != "performer") || length < 1 || length > (1 << 24)) {
    fmt::print(stderr, "usage: heddle_attention_length softmax|elu|performer LENGTH\n");
    return 2;
  }
  heddle::set_thread_count(1);  // growth is the same, and steadier
  fmt::print("{}\n", heddle::nn::measured(kind, length));
}
