#pragma once
// An expression together with the shapes of its operands: every index gets a number and a size.
//
// A letter is one index. The dimensions that an ellipsis stands for are numbered from the right, so that "..." of
// different lengths line up as in NumPy; where one operand has size 1 and another more, the former is used again for
// each. Letters never stretch like that: their sizes must be equal.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "heddle/ops/einsum/expression.h"

namespace heddle::ops {

using Sizes = std::vector<int64_t>;
using IndexSet = uint64_t;  // bit i: index i

struct EinsumIndices {
  EinsumExpression expression;
  std::vector<std::string> names;          // "i"; "…0" is the last dimension of the ellipsis
  Sizes sizes;                             // by index
  std::vector<std::vector<int>> operands;  // the index of each dimension; -1: of size 1, used again along an ellipsis
  std::vector<int> output;                 // the index of each dimension of the result

  IndexSet set_of(const std::vector<int>& dimensions) const;
  // The product of the sizes; as a double, since it may be beyond any integer.
  double count(IndexSet set) const;
  std::string text(const std::vector<int>& dimensions) const;
};

// Throws InputError that names operand and index where a shape does not fit.
EinsumIndices bind_einsum(EinsumExpression expression, std::span<const Sizes> shapes);

}  // namespace heddle::ops
