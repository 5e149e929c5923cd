#pragma once
// In which order an einsum joins its operands, two at a time.
//
// Each step joins two values and sums over every index that neither the others nor the result need any more; indices of
// one operand alone are summed first. A step costs as many multiply-adds as there are assignments of its indices. For
// up to kExactOperands operands the cheapest order of all is found by dynamic programming over their subsets (Lam et
// al. 1997; Pfeifer et al. 2014), beyond that by joining whatever shrinks the values most, unless plain left to right
// costs less.

#include <string>
#include <vector>

#include "heddle/ops/einsum/indices.h"

namespace heddle::ops {

inline constexpr size_t kExactOperands = 10;

enum class EinsumOrder : uint8_t { cheapest, left_to_right };

struct EinsumStep {
  int left = 0,
      right = -1;           // values: the operands, then the results of the steps; -1: `left` is summed or turned alone
  std::vector<int> result;  // the index of each dimension
  double multiply_adds = 0;  // of a sum alone: its additions
  double elements = 0;       // of the result
};

struct EinsumPlan {
  EinsumIndices indices;
  std::vector<EinsumStep> steps;  // the last one gives the result
  double multiply_adds = 0;
  double peak_elements = 0;  // of all results that live at once, the operands not counted

  // The index of each dimension of a value.
  const std::vector<int>& dimensions(int value) const;
};

EinsumPlan plan_einsum(EinsumIndices indices, EinsumOrder order = EinsumOrder::cheapest);
// The same from the texts alone.
EinsumPlan plan_einsum(std::string_view expression, std::span<const Sizes> shapes,
                       EinsumOrder order = EinsumOrder::cheapest);

// What multiplying everything in one nest of loops over all indices costs.
double all_at_once(const EinsumIndices& indices);

// What a step is for the kernels: indices of both values and the result, of both but not the result, of one alone.
struct JoinIndices {
  std::vector<int> batch, left, right, inner;  // in the order of the left, of the right value
};
JoinIndices join_indices(const std::vector<int>& left, const std::vector<int>& right, IndexSet result);

// Several lines: steps, costs, sizes.
std::string describe(const EinsumPlan& plan);

}  // namespace heddle::ops
