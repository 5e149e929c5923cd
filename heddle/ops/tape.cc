#include "heddle/ops/tape.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "heddle/ops/accumulate.h"
#include "heddle/ops/dispatch.h"

namespace heddle::ops {
namespace {

thread_local Tape* current_tape = nullptr;

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
    if (options_.watch) options_.watch->value(*outputs[i]);
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
    Tensor& state = gradients_[node->outputs[i]];
    if (tape_.options_.watch && state.defined()) state = tape_.options_.watch->gradient(state);
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

Tape* recording(std::initializer_list<const Tensor*> inputs) {
  Tape* tape = Tape::current();
  if (!tape) return nullptr;
  for (const Tensor* input : inputs)
    if (input->node() != kNoNode) return tape;
  return nullptr;
}

}  // namespace heddle::ops
