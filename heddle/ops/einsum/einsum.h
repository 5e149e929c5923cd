#pragma once
// einsum("bqhd,bkhd->bhqk", {q, k}): any sum of products over the indices of any number of tensors, differentiable.
//
//   result[output indices] = Σ over all other indices of Π operands[their indices]
//
// The expression is explained in expression.h. Operands are joined two at a time in the order of the plan (plan.h);
// each join records itself, and its gradients are joins again: with y = Σ a·b, da = Σ dy·b over what a lacks. f32 and
// f64. Attention: softmax("bqhd,bkhd->bhqk" / √d), then "bhqk,bkhd->bqhd".

#include <initializer_list>
#include <span>
#include <string_view>

#include "heddle/ops/einsum/plan.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

// Throws InputError for what expression, shapes and dtypes cannot be, and for results too large to address, before
// anything is allocated.
Tensor einsum(std::string_view expression, std::span<const Tensor> operands);
Tensor einsum(std::string_view expression, std::initializer_list<Tensor> operands);

// The same by a plan that was made before, for operands of the same shapes.
EinsumPlan plan_einsum(std::string_view expression, std::span<const Tensor> operands);
Tensor einsum(const EinsumPlan& plan, std::span<const Tensor> operands);

}  // namespace heddle::ops
