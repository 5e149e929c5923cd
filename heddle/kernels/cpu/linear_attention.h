#pragma once
// The fast linear attention. Forward and backward pass are compiled apart: each for every instruction set.

#include "heddle/kernels/linear_attention.h"

namespace heddle::kernels::cpu {

void linear_attention(const LinearAttention<float>& call, float* out, int64_t out_stride, float* sum,
                      AttentionScratch& scratch);
void linear_attention_backward(const LinearAttention<float>& call, const LinearAttentionGradients<float>& gradients,
                               AttentionScratch& scratch);

}  // namespace heddle::kernels::cpu
