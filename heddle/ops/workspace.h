#pragma once
// Where operations put their results: the arena of the innermost Workspace on this thread's stack
// (a Tape opens one), or the heap when there is none.

#include "heddle/tensor/tensor.h"

namespace heddle::ops {

class Workspace {
 public:
  explicit Workspace(Arena& arena);
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

 private:
  Arena* previous_;
};

// Uninitialised in an arena, zero-filled on the heap.
Tensor new_tensor(Shape shape, DType dtype);
Tensor new_zeros(Shape shape, DType dtype);

}  // namespace heddle::ops
