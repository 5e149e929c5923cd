// Processor seconds of a feed-forward network, forward and backward: a mixture of 8 experts, 2 of them for each token,
// and the dense network of the size that is active for a token: heddle_experts KIND. KIND: of the network and of each
// expert, relu or swiglu. 4,096 tokens of width 512, experts of inner width 1,024, f32, one thread; a step of each in
// turn. Prints one JSON object.

#include <fmt/format.h>

#include <numeric>
#include <string>

#include "bench/median.h"
#include "heddle/base/clock.h"
#include "heddle/base/random.h"
#include "heddle/base/thread_loop.h"
#include "heddle/nn/feed_forward.h"
#include "heddle/nn/gradients.h"

namespace heddle::nn {
namespace {

constexpr int64_t kTokens = 4096, kWidth = 512, kInner = 1024, kExperts = 8, kChosen = 2;
constexpr int kRounds = 9, kLearning = 2;  // steps after which the arena is one chunk

Tensor random_rows(uint64_t seed) {
  RandomStream random({seed, 0, 0, 0});
  Tensor tensor = Tensor::zeros({kTokens, kWidth}, DType::f32);
  for (float& value : tensor.span<float>()) value = static_cast<float>(random.normal());
  return tensor;
}

// The gradients of the weights, and that of the input, which a layer below would want.
class Sink : public SummedGradients {
 public:
  using SummedGradients::SummedGradients;
  void want(NodeId input) { input_ = input; }
  bool wants(const ops::Tape& tape, NodeId node) const override {
    return node == input_ || SummedGradients::wants(tape, node);
  }
  Tensor slot(const ops::Tape& tape, NodeId node, int group) override {
    return node == input_ ? of_input_ : SummedGradients::slot(tape, node, group);
  }

 private:
  NodeId input_ = kNoNode;
  Tensor of_input_ = Tensor::zeros({kTokens, kWidth}, DType::f32);
};

class Network {
 public:
  explicit Network(const FeedForwardConfig& config)
      : network_(parameters_, "network", 0, config), weights_(parameters_, DType::f32), sink_(parameters_, weights_) {
    parameters_.initialize(weights_, 1);
  }
  void step(const Tensor& numbers, const Tensor& seed, const Rows& rows) {
    const double began = thread_cpu_seconds();
    {
      ops::Tape tape(arena_);
      SideLosses side_losses;
      const Pass pass = {
          .parameters = parameters_, .weights = weights_, .random = {}, .training = true, .side_losses = &side_losses};
      const Tensor x = tape.watch(numbers);
      sink_.want(x.node());
      const Tensor y = network_.forward(pass, x, rows);
      const ops::Seed seeds[] = {{y, seed}, {side_losses.add_to(Tensor::zeros({1}, DType::f32), 1).loss, {}}};
      tape.backward({seeds, seeds[1].of.node() == kNoNode ? 1u : 2u}, sink_);
    }
    times_.push_back(thread_cpu_seconds() - began);
    arena_.reset();
  }
  double usual_seconds() const { return median({times_.begin() + kLearning, times_.end()}); }
  int64_t bytes() const { return arena_.peak_bytes() + 2 * weights_.flat().bytes(); }

 private:
  Parameters parameters_;
  FeedForward network_;
  WeightSet weights_;
  Sink sink_;
  Arena arena_;
  std::vector<double> times_;
};

std::string measured(const std::string& kind) {
  Network experts({.width = kWidth,
                   .inner = kInner,
                   .kind = "moe",
                   .experts = {.count = kExperts, .top_k = kChosen, .kind = kind}});
  Network dense({.width = kWidth, .inner = kChosen * kInner, .kind = kind});
  const Tensor x = random_rows(1), seed = random_rows(2);
  std::vector<int32_t> offsets = {0, kTokens}, position(kTokens);
  std::iota(position.begin(), position.end(), 0);
  const std::vector<int64_t> example(position.size());
  for (int round = 0; round < kLearning + kRounds; ++round) {
    experts.step(x, seed, {offsets, example, position});
    dense.step(x, seed, {offsets, example, position});
  }
  return fmt::format("{{\"experts\": {:.9f}, \"dense\": {:.9f}, \"experts_bytes\": {}, \"dense_bytes\": {}}}",
                     experts.usual_seconds(), dense.usual_seconds(), experts.bytes(), dense.bytes());
}

}  // namespace
}  // namespace heddle::nn

int main(int argc, char** argv) {
  const std::string kind = argc == 2 ? argv[1] : "";
  if (kind != "relu" && kind != "swiglu") {
    fmt::print(stderr, "usage: heddle_experts relu|swiglu\n");
    return 2;
  }
  heddle::set_thread_count(1);
  fmt::print("{}\n", heddle::nn::measured(kind));
}
