#include "heddle/ops/workspace.h"

#include <cstring>

namespace heddle::ops {
namespace {
thread_local Arena* current_arena = nullptr;
}

Workspace::Workspace(Arena& arena) : previous_(current_arena) { current_arena = &arena; }
Workspace::~Workspace() { current_arena = previous_; }

Tensor new_tensor(Shape shape, DType dtype) {
  return current_arena ? Tensor::in_arena(*current_arena, shape, dtype) : Tensor::zeros(shape, dtype);
}

Tensor new_zeros(Shape shape, DType dtype) {
  if (!current_arena) return Tensor::zeros(shape, dtype);
  Tensor tensor = Tensor::in_arena(*current_arena, shape, dtype);
  std::memset(tensor.raw(), 0, static_cast<size_t>(tensor.bytes()));
  return tensor;
}

}  // namespace heddle::ops
