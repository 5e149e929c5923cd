#pragma once
// The recording of a forward pass, from which gradients are computed in reverse.
//
// A Tape on the stack makes operations record; its activations live in its arena. Without a tape
// nothing is recorded. Values of an enclosing tape are constants on an inner one. Values are numbered; a tensor carries
// its number (Tensor::node()). Gradients go into a GradientSink that the caller names, which decides whose gradients it
// wants, where they are added, and whether they are summed over the rows or kept apart (per example, per task). Reverse
// mode as in Griewank & Walther 2008, first order only.

#include <cstdint>
#include <initializer_list>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

#include "heddle/ops/save_policy.h"
#include "heddle/ops/workspace.h"
#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

class Tape;
class Backward;

// Which outside value a leaf of the tape stands for: parameter `index` of the weight set `owner`.
struct LeafKey {
  const void* owner = nullptr;
  int32_t index = -1;
  bool operator==(const LeafKey&) const = default;
};

// Where gradients go.
class GradientSink {
 public:
  virtual ~GradientSink() = default;
  // Row boundaries [groups + 1] of the groups whose parameter gradients are kept apart (for example
  // rows.offsets: one group per sequence). Empty: one sum.
  virtual std::span<const int32_t> groups(const Rows&) const { return {}; }
  // Whether the gradient of this value is wanted: a leaf, or any intermediate.
  virtual bool wants(const Tape& tape, NodeId node) const = 0;
  // The tensor that the gradient is added to.
  virtual Tensor slot(const Tape& tape, NodeId node, int group) = 0;
  // The gradient of this leaf is final in this backward pass: all its uses have been visited.
  virtual void final_use(const Tape&, NodeId) {}
};

// Sees all that operations hand on, and may change it by a little: how far a model magnifies roundings.
class Watch {
 public:
  virtual ~Watch() = default;
  // An output, before anything reads it; its numbers may be changed in place.
  virtual void value(const Tensor& output) = 0;
  // The whole gradient of an output; what is returned goes on in its place.
  virtual Tensor gradient(const Tensor& gradient) = 0;
};

// Where a backward pass starts.
struct Seed {
  Tensor of;
  Tensor value;  // same shape; undefined: ones
};

enum class Retain : bool { no, yes };

struct TapeOptions {
  SavePolicy* policy = nullptr;  // null: keep everything
  // The caller promises one backward pass, from a scalar that losses enter with the factor 1, into this
  // summing sink, so that a loss may add gradients to it during the forward pass already.
  GradientSink* eager_sink = nullptr;
  Watch* watch = nullptr;  // of what is recorded outside regions
};

class Tape {
 public:
  explicit Tape(Arena& arena, TapeOptions options = {});
  ~Tape();
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  // The innermost tape of this thread; null: inference.
  static Tape* current();

  Arena& arena() { return arena_; }
  // Null in a region, whose first run is thrown away.
  GradientSink* eager_sink() const { return outer_ ? nullptr : options_.eager_sink; }

  // The leaf for an outside value; the same key gives the same number (tied and shared weights).
  Tensor leaf(const Tensor& tensor, LeafKey key);
  // A leaf without a key, for gradients with respect to an input.
  Tensor watch(const Tensor& tensor);
  // Whether this is a leaf, not the result of an operation.
  bool is_leaf(NodeId node) const { return node >= first_id_ && node < next_id_ && leaf_of_id_[node] != nullptr; }
  // The key of a leaf; owner is null for any other value.
  LeafKey key_of(NodeId node) const;

  Saved save(const Tensor& tensor, SaveHint hint = SaveHint::activation);

  // Records an operation. `backward(Backward&)` reads the gradients of the outputs and adds to those of
  // the inputs. The outputs receive their numbers. `rows` says what the rows of the outputs mean.
  template <class F>
  void record(std::initializer_list<const Tensor*> inputs, std::initializer_list<Tensor*> outputs, const Rows& rows,
              F&& backward);

  // Runs function(inputs, outputs) without keeping what it records; the backward pass runs it
  // again. It must be a pure function of its inputs, of parameters and of counter-keyed random numbers.
  template <class F>
  void region(std::span<const Tensor> inputs, std::span<Tensor> outputs, const Rows& rows, F&& function);

  // Computes gradients of Σ ⟨seed.of, seed.value⟩. With Retain::no the recording is used up.
  void backward(std::span<const Seed> seeds, GradientSink& sink, Retain retain = Retain::no);

  int64_t operations() const { return node_count_; }

 private:
  friend class Backward;
  using RunBackward = void (*)(void* closure, Backward&);
  using Destroy = void (*)(void* closure);

  struct Leaf {
    LeafKey key;
    NodeId id = kNoNode;
    bool used = false;
    Leaf* next = nullptr;        // of the tape
    Leaf* next_final = nullptr;  // of the node that uses it first
  };
  struct Node {
    Node* previous = nullptr;
    Node* next = nullptr;
    NodeId* inputs = nullptr;
    NodeId* outputs = nullptr;
    int input_count = 0, output_count = 0;
    Rows rows;
    void* closure = nullptr;
    RunBackward run = nullptr;
    Destroy destroy = nullptr;
    Leaf* final_leaves = nullptr;
  };
  struct Owner;  // the leaves of one weight set, by index
  struct UsedLeaf {
    Leaf* leaf;
    UsedLeaf* next;
  };

  // The first run of a region: records nothing but which leaves of `outer` are used.
  Tape(Tape& outer, UsedLeaf** used);

  template <class F>
  void* store(F&& closure) {
    using Closure = std::decay_t<F>;
    return new (arena_.take_permanent(sizeof(Closure))) Closure(std::forward<F>(closure));
  }
  Node* add_node(std::span<const NodeId> inputs, std::span<Tensor* const> outputs, const Rows& rows);
  void note_used_leaves(std::span<const Tensor* const> inputs);
  Leaf* add_leaf(LeafKey key);
  Leaf*& slot_for(LeafKey key);
  NodeId new_id(Leaf* leaf);
  void mark_needed(const GradientSink& sink, bool* needed) const;
  void destroy_closure(Node* node);
  using RegionCall = void (*)(void* function, std::span<const Tensor>, std::span<Tensor>);
  void run_region(std::span<const Tensor> inputs, std::span<Tensor> outputs, const Rows& rows, void* function,
                  RegionCall call, Destroy destroy);
  Node* begin_node(std::initializer_list<const Tensor*> inputs, std::initializer_list<Tensor*> outputs,
                   const Rows& rows);

  Arena& arena_;
  Workspace workspace_;
  TapeOptions options_;
  Tape* enclosing_;            // the tape that was current before
  Tape* outer_ = nullptr;      // first run of a region: the tape it belongs to
  UsedLeaf** used_ = nullptr;  // first run of a region: what it used
  Node *first_ = nullptr, *last_ = nullptr;
  Leaf* leaves_ = nullptr;
  Owner* owners_ = nullptr;
  Leaf** leaf_of_id_ = nullptr;  // by NodeId; null for intermediates
  NodeId first_id_ = 1;          // numbers below are an enclosing tape's
  NodeId next_id_ = 1, id_capacity_ = 0;
  int64_t node_count_ = 0;
  bool used_up_ = false;
};

// What an operation's backward sees: its own inputs and outputs, by index.
class Backward {
 public:
  // The gradient that arrived at an output; undefined when none did.
  const Tensor& gradient(int output) const { return gradients_[node_->outputs[output]]; }
  bool has_gradient(int output) const { return gradient(output).defined(); }
  // Whether anybody needs the gradient of this input.
  bool wants(int input) const { return node_->inputs[input] != kNoNode && needed_[node_->inputs[input]]; }
  const Rows& rows() const { return node_->rows; }

  // Where to write the gradient of an input (only when wants(input)): add when `accumulate`.
  struct Target {
    Tensor tensor;
    bool accumulate;
  };
  Target target(int input, const Shape& shape, DType dtype);
  // The gradient of an input is exactly this tensor (memory is shared until somebody adds to it).
  void pass(int input, const Tensor& gradient);

  // For a parameter: calls add(slot, begin, end) for every group of rows of this operation; add()
  // adds the gradient of rows [begin, end) to slot. `shape` is the parameter's.
  template <class F>
  void parameter(int input, const Shape& shape, DType dtype, F&& add) {
    if (!wants(input)) return;
    const std::span<const int32_t> groups = sink_.groups(node_->rows);
    if (groups.empty()) return add(sum_slot(input, shape, dtype), int64_t{0}, node_->rows.count());
    for (size_t g = 0; g + 1 < groups.size(); ++g)
      add(group_slot(input, static_cast<int>(g)), int64_t{groups[g]}, int64_t{groups[g + 1]});
  }

  GradientSink& sink() { return sink_; }

 private:
  friend class Tape;
  Backward(Tape& tape, GradientSink& sink) : tape_(tape), sink_(sink) {}

  bool is_parameter(int input) const { return tape_.key_of(node_->inputs[input]).owner != nullptr; }
  Tensor sum_slot(int input, const Shape& shape, DType dtype);
  Tensor group_slot(int input, int group);
  void add_to(NodeId id, const Tensor& gradient);
  void deliver(NodeId id);
  void visit(Tape::Node* node);

  Tape& tape_;
  GradientSink& sink_;
  Tape::Node* node_ = nullptr;
  Tensor* gradients_ = nullptr;  // by NodeId
  bool* needed_ = nullptr;
};

// The current tape if any of these tensors is on it: then the operation must record itself.
Tape* recording(std::initializer_list<const Tensor*> inputs);

// The same numbers, for which no gradient flows back.
inline Tensor stop_gradient(const Tensor& tensor) { return tensor.with_node(kNoNode); }

template <class F>
void Tape::record(std::initializer_list<const Tensor*> inputs, std::initializer_list<Tensor*> outputs, const Rows& rows,
                  F&& backward) {
  Node* node = begin_node(inputs, outputs, rows);
  if (node == nullptr) return;  // the first run of a region keeps nothing
  using Closure = std::decay_t<F>;
  node->closure = store(std::forward<F>(backward));
  node->run = [](void* closure, Backward& pass) { (*static_cast<Closure*>(closure))(pass); };
  node->destroy = [](void* closure) { static_cast<Closure*>(closure)->~Closure(); };
}

template <class F>
void Tape::region(std::span<const Tensor> inputs, std::span<Tensor> outputs, const Rows& rows, F&& function) {
  using Closure = std::decay_t<F>;
  run_region(
      inputs, outputs, rows, store(std::forward<F>(function)),
      [](void* closure, std::span<const Tensor> in, std::span<Tensor> out) {
    (*static_cast<Closure*>(closure))(in, out);
      },
      [](void* closure) { static_cast<Closure*>(closure)->~Closure(); });
}

}  // namespace heddle::ops
