// Regions of a tape: what is dropped after its forward pass, and run again in the backward pass.

#include <cstring>

#include "heddle/ops/replay.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {
namespace {

thread_local bool replaying = false;

struct Replaying {
  bool before = std::exchange(replaying, true);
  Replaying() = default;
  Replaying(const Replaying&) = delete;
  ~Replaying() { replaying = before; }
};

// Gradients of a replayed region: those of parameters go to the caller's sink, those of the region's
// inputs to the node that stands for the region.
class ReplaySink : public GradientSink {
 public:
  ReplaySink(Tape& tape, Backward& region, const void* inputs_owner, std::span<const Tensor> inputs)
      : tape_(tape), region_(region), inputs_owner_(inputs_owner), inputs_(inputs) {}

  std::span<const int32_t> groups(const Rows& rows) const override { return region_.sink().groups(rows); }
  bool wants(const Tape& replay, NodeId node) const override {
    const LeafKey key = replay.key_of(node);
    if (!key.owner) return false;
    if (key.owner == inputs_owner_) return region_.wants(key.index);
    return region_.sink().wants(tape_, outer_node(key));
  }
  Tensor slot(const Tape& replay, NodeId node, int group) override {
    const LeafKey key = replay.key_of(node);
    if (key.owner != inputs_owner_) return region_.sink().slot(tape_, outer_node(key), group);
    const Tensor& input = inputs_[static_cast<size_t>(key.index)];
    const auto [tensor, accumulates] = region_.target(key.index, input.shape(), input.dtype());
    if (!accumulates) std::memset(tensor.raw(), 0, static_cast<size_t>(tensor.bytes()));
    return tensor;
  }

 private:
  NodeId outer_node(LeafKey key) const { return tape_.leaf({}, key).node(); }

  Tape& tape_;
  Backward& region_;
  const void* inputs_owner_;
  std::span<const Tensor> inputs_;
};

}  // namespace

bool is_replay() { return replaying; }

void Tape::run_region(std::span<const Tensor> inputs, std::span<Tensor> outputs, const Rows& rows, void* function,
                      RegionCall call, Destroy destroy) {
  if (outer_) {  // a region within a region is replayed with it
    call(function, inputs, outputs);
    return destroy(function);
  }
  UsedLeaf* used = nullptr;
  {
    Tape first_run(*this, &used);
    call(function, inputs, outputs);
  }
  int64_t leaf_count = 0;
  for (UsedLeaf* leaf = used; leaf; leaf = leaf->next) ++leaf_count;
  const int64_t input_count = std::ssize(inputs);
  auto* ids = static_cast<NodeId*>(arena_.take_permanent((input_count + leaf_count) * int64_t{sizeof(NodeId)}));
  auto* saved = static_cast<Tensor*>(arena_.take_permanent(input_count * int64_t{sizeof(Tensor)}));
  for (int64_t i = 0; i < input_count; ++i) {
    ids[i] = inputs[static_cast<size_t>(i)].node();
    new (saved + i) Tensor(stop_gradient(inputs[static_cast<size_t>(i)]));
  }
  int64_t filled = input_count;
  for (UsedLeaf* leaf = used; leaf; leaf = leaf->next) ids[filled++] = leaf->leaf->id;
  auto** output_pointers = static_cast<Tensor**>(arena_.take_permanent(std::ssize(outputs) * int64_t{sizeof(Tensor*)}));
  for (size_t i = 0; i < outputs.size(); ++i) output_pointers[i] = &outputs[i];
  Node* node = add_node({ids, static_cast<size_t>(filled)}, {output_pointers, outputs.size()}, rows);

  struct Replay {
    Tape* tape;
    void* function;
    RegionCall call;
    Destroy destroy;
    Tensor* inputs;
    size_t input_count, output_count;

    void run(Backward& region) {
      Tape replay(tape->arena_, {.policy = tape->options_.policy});
      const Replaying again;
      const std::span<const Tensor> values(inputs, input_count);
      const Tensor scratch = Tensor::in_arena(
          tape->arena_, {static_cast<int64_t>((input_count + output_count) * sizeof(Tensor))}, DType::u8);
      auto* tensors = static_cast<Tensor*>(scratch.raw());
      for (size_t i = 0; i < input_count; ++i)
        new (tensors + i) Tensor(replay.leaf(values[i], {this, static_cast<int32_t>(i)}));
      std::uninitialized_default_construct_n(tensors + input_count, output_count);
      const std::span<Tensor> results(tensors + input_count, output_count);
      call(function, {tensors, input_count}, results);
      const Tensor seeds_memory =
          Tensor::in_arena(tape->arena_, {static_cast<int64_t>(output_count * sizeof(Seed))}, DType::u8);
      auto* seeds = static_cast<Seed*>(seeds_memory.raw());
      size_t seed_count = 0;
      for (size_t i = 0; i < output_count; ++i)
        if (region.has_gradient(static_cast<int>(i)))
          new (seeds + seed_count++) Seed{results[i], region.gradient(static_cast<int>(i))};
      ReplaySink sink(*tape, region, this, values);
      replay.backward({seeds, seed_count}, sink);
      std::destroy_n(seeds, seed_count);
      std::destroy_n(tensors, input_count + output_count);
    }
  };
  auto* replay =
      static_cast<Replay*>(store(Replay{this, function, call, destroy, saved, inputs.size(), outputs.size()}));
  node->closure = replay;
  node->run = [](void* closure, Backward& pass) { static_cast<Replay*>(closure)->run(pass); };
  node->destroy = [](void* closure) {
    auto* self = static_cast<Replay*>(closure);
    self->destroy(self->function);
    std::destroy_n(self->inputs, self->input_count);
  };
}

}  // namespace heddle::ops
