#pragma once
// The fast attention in f32; see heddle/kernels/attention.h for the meaning of everything.

#include "heddle/kernels/attention.h"

namespace heddle::kernels::cpu {

void attention(const AttentionPlan<float>& plan, const AttentionQueries<float>& queries,
               std::span<const KeySource<float>> sources, float* out, int64_t out_stride, double* log_sum,
               AttentionScratch& scratch);

void attention_backward(const AttentionPlan<float>& plan, const AttentionQueries<float>& queries,
                        std::span<const KeySource<float>> sources, const AttentionGradients<float>& gradients,
                        AttentionScratch& scratch);

}  // namespace heddle::kernels::cpu
