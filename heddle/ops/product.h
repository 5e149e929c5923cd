#pragma once
// Matrix products of tensors, in f32, f64, or with bfloat16 inputs. Not recorded: operations build on it.

#include "heddle/ops/compute.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

enum class Transposed : uint8_t { none, a, b };

// What a product reads of a tensor: its bfloat16 form when it computes with bfloat16 inputs. Made once, it serves
// several products; each of them takes the f32 tensor too.
Tensor operand(const Tensor& tensor, Compute compute);

// A·B, Aᵀ·B or A·Bᵀ; f32 from bfloat16 operands.
Tensor product(const Tensor& a, const Tensor& b, Transposed transposed, Compute compute);
// The same into `c`, added to it when `accumulate`.
void product_into(const Tensor& a, const Tensor& b, Transposed transposed, Compute compute, const Tensor& c,
                  bool accumulate);

}  // namespace heddle::ops
