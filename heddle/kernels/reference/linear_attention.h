#pragma once
// Linear attention with all its weights, pair by pair: the oracle of the fast kernel, and the composed path that a
// probe looks into.

#include "heddle/kernels/linear_attention.h"

namespace heddle::kernels::reference {

template <class T>
void linear_attention(const LinearAttention<T>& call, T* out, int64_t out_stride, T* sum, AttentionScratch& scratch);

template <class T>
void linear_attention_backward(const LinearAttention<T>& call, const LinearAttentionGradients<T>& gradients,
                               AttentionScratch& scratch);

}  // namespace heddle::kernels::reference
