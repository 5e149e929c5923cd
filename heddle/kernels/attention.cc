#include "heddle/kernels/attention.h"

#include "heddle/kernels/cpu/attention.h"
#include "heddle/kernels/reference/attention.h"

namespace heddle::kernels {

void attention(const AttentionPlan<float>& plan, const AttentionQueries<float>& queries,
               std::span<const KeySource<float>> sources, float* out, int64_t out_stride, double* log_sum,
               AttentionScratch& scratch) {
  if (plan.probe) reference::attention(plan, queries, sources, out, out_stride, log_sum, scratch);
  else cpu::attention(plan, queries, sources, out, out_stride, log_sum, scratch);
}

void attention(const AttentionPlan<double>& plan, const AttentionQueries<double>& queries,
               std::span<const KeySource<double>> sources, double* out, int64_t out_stride, double* log_sum,
               AttentionScratch& scratch) {
  reference::attention(plan, queries, sources, out, out_stride, log_sum, scratch);
}

void attention_backward(const AttentionPlan<float>& plan, const AttentionQueries<float>& queries,
                        std::span<const KeySource<float>> sources, const AttentionGradients<float>& gradients,
                        AttentionScratch& scratch) {
  if (plan.probe) reference::attention_backward(plan, queries, sources, gradients, scratch);
  else cpu::attention_backward(plan, queries, sources, gradients, scratch);
}

void attention_backward(const AttentionPlan<double>& plan, const AttentionQueries<double>& queries,
                        std::span<const KeySource<double>> sources, const AttentionGradients<double>& gradients,
                        AttentionScratch& scratch) {
  reference::attention_backward(plan, queries, sources, gradients, scratch);
}

}  // namespace heddle::kernels
