#pragma once
// The textbook attention: the whole weight matrix of one (sequence, head) at a time. The oracle of the
// fast kernel, and the composed path that a probe looks into.

#include "heddle/kernels/attention.h"

namespace heddle::kernels::reference {

template <class T>
void attention(const AttentionPlan<T>& plan, const AttentionQueries<T>& queries, std::span<const KeySource<T>> sources,
               T* out, int64_t out_stride, double* log_sum, AttentionScratch& scratch);

template <class T>
void attention_backward(const AttentionPlan<T>& plan, const AttentionQueries<T>& queries,
                        std::span<const KeySource<T>> sources, const AttentionGradients<T>& gradients,
                        AttentionScratch& scratch);

}  // namespace heddle::kernels::reference
