#pragma once
// y = Σ a·b over every index that y lacks: one step of an einsum, wherever its values lie in memory.
//
// What is a matrix product (indices of both, of one and of the other, summed ones) goes to the matrix kernel, batched
// over the indices that all three share; a value whose indices cannot be read as a matrix in place is copied first.
// What is too small to be one is multiplied element by element.

#include <vector>

#include "heddle/ops/einsum/indices.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

// A value in memory: how far each index moves in it, by its number. A diagonal moves by the sum of its dimensions.
struct EinsumView {
  Tensor tensor;
  IndexSet indices = 0;
  std::vector<int64_t> strides;

  // `dimensions`: the index of each dimension of the tensor, -1 for one that is left out. A tensor of another rank is
  // read as a dense one of these dimensions.
  EinsumView(const Tensor& tensor, const std::vector<int>& dimensions, const Sizes& sizes);
};

// All of the same dtype, f32 or f64. b null: a sum, or a copy. An index that only y has repeats the values.
void contract(const Sizes& sizes, const EinsumView& a, const EinsumView* b, const EinsumView& y, bool accumulate);

}  // namespace heddle::ops
