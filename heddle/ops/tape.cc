#include "heddle/ops/tape.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "heddle/ops/accumulate.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/replay.h"

namespace heddle::ops {
namespace {

thread_local Tape* current_tape = nullptr;
thread_local bool replaying = false;

struct Replaying {
  bool before = std::exchange(replaying, true);
  Replaying() = default;
  Replaying(const Replaying&) = delete;
  ~Replaying() { replaying = before; }
};

// Stands for "some value of the first run of a region": nonzero, so that what uses it records too.
constexpr NodeId kInsideRegion = -1;

Tensor filled_with_ones(const Tensor& like) {
  Tensor ones = new_tensor(like.shape(), like.dtype());
  with_real_type(like.dtype(), [&]<class T>(T) { std::ranges::fill(ones.span<T>(), T{1}); });
  return ones;
}

}  // namespace

struct Tape::Owner {
  const void* owner;
  Leaf** by_index;
  int32_t capacity;
  Owner* next;
  Tensor memory = {};  // of by_index; the replay of a region gives it back
};

struct Tape::UsedLeaf {
  Leaf* leaf;
  UsedLeaf* next;
};

Tape::Tape(Arena& arena, TapeOptions options)
    : arena_(arena), workspace_(arena), options_(options), enclosing_(current_tape) {
  if (enclosing_) first_id_ = next_id_ = enclosing_->next_id_;
  current_tape = this;
}

Tape::Tape(Tape& outer, UsedLeaf** used) : Tape(outer.arena_, outer.options_) {
  outer_ = &outer;
  used_ = used;
}

Tape::~Tape() {
  for (Node* node = last_; node; node = node->previous) destroy_closure(node);
  for (Owner* owner = owners_; owner; owner = owner->next) owner->memory = {};
  current_tape = enclosing_;
}

Tape* Tape::current() { return current_tape; }

bool is_replay() { return replaying; }

void Tape::destroy_closure(Node* node) {
  if (node->closure) node->destroy(node->closure);
  node->closure = nullptr;
}

NodeId Tape::new_id(Leaf* leaf) {
  if (next_id_ >= id_capacity_) {
    const NodeId capacity = std::max(next_id_ + 256, id_capacity_ * 2);
    auto* grown = static_cast<Leaf**>(arena_.take_permanent(capacity * int64_t{sizeof(Leaf*)}));
    if (leaf_of_id_) std::memcpy(grown, leaf_of_id_, sizeof(Leaf*) * static_cast<size_t>(next_id_));
    leaf_of_id_ = grown;
    id_capacity_ = capacity;
  }
  leaf_of_id_[next_id_] = leaf;
  return next_id_++;
}

Tape::Leaf* Tape::add_leaf(LeafKey key) {
  Leaf* leaf = new (arena_.take_permanent(sizeof(Leaf))) Leaf{.key = key, .next = leaves_};
  leaves_ = leaf;
  leaf->id = new_id(leaf);
  return leaf;
}

Tape::Leaf*& Tape::slot_for(LeafKey key) {
  Owner* owner = owners_;
  while (owner && owner->owner != key.owner) owner = owner->next;
  if (!owner) {
    owner = new (arena_.take_permanent(sizeof(Owner))) Owner{key.owner, nullptr, 0, owners_};
    owners_ = owner;
  }
  if (key.index >= owner->capacity) {
    const int32_t capacity = std::max(key.index + 1, std::max(64, owner->capacity * 2));
    const Tensor memory = Tensor::in_arena(arena_, {capacity * int64_t{sizeof(Leaf*)}}, DType::u8);
    auto** grown = static_cast<Leaf**>(static_cast<void*>(memory.raw()));
    std::fill_n(grown, capacity, nullptr);
    std::copy_n(owner->by_index, owner->capacity, grown);
    owner->by_index = grown;
    owner->memory = memory;
    owner->capacity = capacity;
  }
  return owner->by_index[key.index];
}

Tensor Tape::leaf(const Tensor& tensor, LeafKey key) {
  if (outer_) return outer_->leaf(tensor, key);
  HEDDLE_CHECK(key.owner != nullptr && key.index >= 0, "a parameter leaf needs an owner and an index");
  Leaf*& leaf = slot_for(key);
  if (!leaf) leaf = add_leaf(key);
  return tensor.with_node(leaf->id);
}

Tensor Tape::watch(const Tensor& tensor) {
  if (outer_) return tensor.with_node(kInsideRegion);
  return tensor.with_node(add_leaf({})->id);
}

LeafKey Tape::key_of(NodeId node) const {
  const Leaf* leaf = is_leaf(node) ? leaf_of_id_[node] : nullptr;
  return leaf ? leaf->key : LeafKey{};
}

Saved Tape::save(const Tensor& tensor, SaveHint hint) {
  if (!outer_ && options_.policy) return options_.policy->save(stop_gradient(tensor), hint);
  return {.tensor = stop_gradient(tensor), .shape = tensor.shape(), .dtype = tensor.dtype()};
}

void Tape::note_used_leaves(std::span<const Tensor* const> inputs) {
  for (const Tensor* input : inputs) {
    if (input->node() <= 0) continue;
    if (outer_->is_leaf(input->node()))
      *used_ = new (arena_.take_permanent(sizeof(UsedLeaf))) UsedLeaf{outer_->leaf_of_id_[input->node()], *used_};
  }
}

Tape::Node* Tape::begin_node(std::initializer_list<const Tensor*> inputs, std::initializer_list<Tensor*> outputs,
                             const Rows& rows) {
  if (outer_) {
    note_used_leaves({inputs.begin(), inputs.size()});
    for (Tensor* output : outputs) *output = output->with_node(kInsideRegion);
    return nullptr;
  }
  constexpr size_t kMostInputs = 16;
  HEDDLE_CHECK(inputs.size() <= kMostInputs, "an operation has at most {} inputs", kMostInputs);
  NodeId ids[kMostInputs];
  size_t count = 0;
  for (const Tensor* input : inputs) {
    HEDDLE_CHECK(input->node() < next_id_,
                 "a value of a tape that has ended was used on another; take its numbers with keep()");
    ids[count++] = input->node() < first_id_ ? kNoNode : input->node();
  }
  return add_node({ids, count}, {outputs.begin(), outputs.size()}, rows);
}

Tape::Node* Tape::add_node(std::span<const NodeId> inputs, std::span<Tensor* const> outputs, const Rows& rows) {
  HEDDLE_CHECK(!used_up_, "this tape was used up by backward(); record on a new one, or retain it");
  Node* node = new (arena_.take_permanent(sizeof(Node))) Node;
  node->previous = last_;
  (last_ ? last_->next : first_) = node;
  last_ = node;
  ++node_count_;
  node->rows = rows;
  node->input_count = static_cast<int>(inputs.size());
  node->inputs = static_cast<NodeId*>(arena_.take_permanent(std::ssize(inputs) * int64_t{sizeof(NodeId)}));
  std::ranges::copy(inputs, node->inputs);
  for (NodeId id : inputs) {
    Leaf* leaf = is_leaf(id) ? leaf_of_id_[id] : nullptr;
    if (leaf && !leaf->used) {
      leaf->used = true;
      leaf->next_final = node->final_leaves;
      node->final_leaves = leaf;
    }
  }
  node->output_count = static_cast<int>(outputs.size());
  node->outputs = static_cast<NodeId*>(arena_.take_permanent(std::ssize(outputs) * int64_t{sizeof(NodeId)}));
  for (size_t i = 0; i < outputs.size(); ++i) {
    node->outputs[i] = new_id(nullptr);
    *outputs[i] = outputs[i]->with_node(node->outputs[i]);
  }
  return node;
}

void Tape::mark_needed(const GradientSink& sink, bool* needed) const {
  for (NodeId id = 0; id < next_id_; ++id) needed[id] = id >= first_id_ && sink.wants(*this, id);
  for (const Node* node = first_; node; node = node->next) {
    const bool any = std::any_of(node->inputs, node->inputs + node->input_count,
                                 [&](NodeId id) { return id != kNoNode && needed[id]; });
    for (int i = 0; any && i < node->output_count; ++i) needed[node->outputs[i]] = true;
  }
}

void Tape::backward(std::span<const Seed> seeds, GradientSink& sink, Retain retain) {
  HEDDLE_CHECK(!used_up_, "backward() was already run on this tape; pass Retain::yes to run it again");
  HEDDLE_CHECK(!outer_, "backward() cannot run inside a recomputed region");
  Backward pass(*this, sink);
  const Tensor needed = Tensor::in_arena(arena_, {next_id_}, DType::u8);
  pass.needed_ = reinterpret_cast<bool*>(needed.data<uint8_t>());
  mark_needed(sink, pass.needed_);
  const Tensor states = Tensor::in_arena(arena_, {next_id_ * int64_t{sizeof(Tensor)}}, DType::u8);
  pass.gradients_ = reinterpret_cast<Tensor*>(states.raw());
  std::uninitialized_default_construct_n(pass.gradients_, next_id_);
  struct DestroyStates {
    Tensor* first;
    NodeId count;
    ~DestroyStates() { std::destroy_n(first, count); }
  } destroy_states{pass.gradients_, next_id_};

  // Nothing that the backward pass computes is recorded on this tape.
  struct Pause {
    Tape* tape = std::exchange(current_tape, nullptr);
    ~Pause() { current_tape = tape; }
  } pause;
  const Workspace workspace(arena_);

  used_up_ = retain == Retain::no;
  for (const Seed& seed : seeds) {
    HEDDLE_CHECK(seed.of.node() >= first_id_ && seed.of.node() < next_id_,
                 "a gradient was asked of a value that this tape did not record");
    pass.add_to(seed.of.node(), seed.value.defined() ? seed.value : filled_with_ones(seed.of));
  }
  for (Node* node = last_; node; node = node->previous) {
    pass.visit(node);
    if (retain == Retain::no) destroy_closure(node);
  }
  for (Leaf* leaf = leaves_; leaf; leaf = leaf->next) pass.deliver(leaf->id);  // seeds on unused leaves
}

void Backward::visit(Tape::Node* node) {
  node_ = node;
  bool reached = false, needed = false;
  for (int i = 0; i < node->output_count; ++i) {
    reached |= has_gradient(i);
    needed |= needed_[node->outputs[i]];
    if (has_gradient(i) && sink_.wants(tape_, node->outputs[i])) {
      accumulate(gradient(i), sink_.slot(tape_, node->outputs[i], 0));
    }
  }
  const bool any_input = std::any_of(node->inputs, node->inputs + node->input_count,
                                     [&](NodeId id) { return id != kNoNode && needed_[id]; });
  if (reached && needed && any_input) node->run(node->closure, *this);
  for (int i = 0; i < node->output_count; ++i) gradients_[node->outputs[i]] = {};
  for (Tape::Leaf* leaf = node->final_leaves; leaf; leaf = leaf->next_final) {
    deliver(leaf->id);
    if (sink_.wants(tape_, leaf->id)) sink_.final_use(tape_, leaf->id);
  }
}

Backward::Target Backward::target(int input, const Shape& shape, DType dtype) {
  Tensor& state = gradients_[node_->inputs[input]];
  if (!state.defined()) {
    state = new_tensor(shape, dtype);
    return {state, false};
  }
  if (!state.unique() || !state.dense()) {
    Tensor own = new_tensor(shape, dtype);
    copy_into(state, own);
    state = own;
  }
  return {state, true};
}

void Backward::pass(int input, const Tensor& gradient) { add_to(node_->inputs[input], gradient); }

void Backward::add_to(NodeId id, const Tensor& gradient) {
  Tensor& state = gradients_[id];
  if (!state.defined()) {
    state = stop_gradient(gradient);
    return;
  }
  if (!state.unique()) {
    Tensor own = new_tensor(state.shape(), state.dtype());
    copy_into(state, own);
    state = own;
  }
  accumulate(gradient, state);
}

void Backward::deliver(NodeId id) {
  Tensor& state = gradients_[id];
  if (!state.defined()) return;
  if (sink_.wants(tape_, id)) accumulate(state, sink_.slot(tape_, id, 0));
  state = {};
}

Tensor Backward::sum_slot(int input, const Shape& shape, DType dtype) {
  if (is_parameter(input)) return sink_.slot(tape_, node_->inputs[input], 0);
  Target place = target(input, shape, dtype);
  if (!place.accumulate) std::memset(place.tensor.raw(), 0, static_cast<size_t>(place.tensor.bytes()));
  return place.tensor;
}

Tensor Backward::group_slot(int input, int group) {
  HEDDLE_CHECK(is_parameter(input),
               "gradients per group reach parameters themselves, not a weight that is computed from "
               "them (a transform); detach the transform or sum the gradient");
  return sink_.slot(tape_, node_->inputs[input], group);
}

namespace {

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

Tape* recording(std::initializer_list<const Tensor*> inputs) {
  Tape* tape = Tape::current();
  if (!tape) return nullptr;
  for (const Tensor* input : inputs)
    if (input->node() != kNoNode) return tape;
  return nullptr;
}

}  // namespace heddle::ops
