#pragma once
// What happens to a value between the forward pass that saves it and the backward pass that needs it.
//
// Operations save through Tape::save and load() the handle in their backward; the policy of the tape
// decides: keep it (the default), narrow it to bfloat16, or spill it to a file. Dropping and
// recomputing is Tape::region, which saves only what enters a block.

#include <cstdio>
#include <filesystem>
#include <memory>

#include "heddle/ops/compute.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

enum class SaveHint : uint8_t {
  activation,  // may be narrowed or spilled
  exact,       // small statistics and whatever must come back bit for bit: never narrowed
};

class SavePolicy;

// A value on its way to the backward pass.
struct Saved {
  Tensor tensor;  // the value, or its narrowed form; undefined when it lies elsewhere
  Shape shape;
  DType dtype = DType::f32;
  int64_t place = -1;            // the policy's own note, e.g. an offset in a file
  SavePolicy* policy = nullptr;  // null: `tensor` is the value

  Tensor load() const;
  // Whether `tensor` is already what a product reads: narrowed, for one with bfloat16 inputs.
  bool is_operand(Compute compute) const;
  // What a product reads.
  Tensor load_operand(Compute compute) const;
};

class SavePolicy {
 public:
  virtual ~SavePolicy() = default;
  virtual Saved save(const Tensor& tensor, SaveHint hint) = 0;
  virtual Tensor load(const Saved& saved) = 0;
};

// Keeps activations as bfloat16: half the memory, gradients to about 3 digits. For one tape.
class NarrowPolicy : public SavePolicy {
 public:
  Saved save(const Tensor& tensor, SaveHint hint) override;
  Tensor load(const Saved& saved) override;

 private:
  // What an operation keeps of its output, the next keeps of its input: one copy serves both. The handle sees to it
  // that the memory is still that value's.
  Tensor last_, last_narrow_;
};

// Writes activations of at least `smallest` bytes to an unlinked file in `directory`, exactly.
class SpillPolicy : public SavePolicy {
 public:
  SpillPolicy(const std::filesystem::path& directory, int64_t smallest = 1 << 16);
  ~SpillPolicy() override;
  Saved save(const Tensor& tensor, SaveHint hint) override;
  Tensor load(const Saved& saved) override;
  // Forgets what was spilled; call between steps.
  void rewind() { end_ = 0; }
  int64_t bytes_spilled() const { return end_; }

 private:
  std::FILE* file_;
  int64_t smallest_, end_ = 0;
};

}  // namespace heddle::ops
