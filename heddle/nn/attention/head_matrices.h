#pragma once
// The matrices of each head of a self-attention, and back (Vaswani et al. 2017, section 3.2.2, has them apart): one
// head is q = Q·x + q₀, k = K·x + k₀, v = V·x + v₀, o = O·mix(q, k, v), and the sum of all o is what heads joined end
// to end before one output matrix give. For projections fused, separate, multi_query and grouped, whose function is the
// same.

#include <string>
#include <vector>

#include "heddle/nn/attention/config.h"

namespace heddle::nn::attentions {

// Copies, in the weights' precision.
struct HeadMatrices {
  Tensor query, key, value;                 // [head width, width]
  Tensor query_bias, key_bias, value_bias;  // [head width]
  Tensor output;                            // [width, head width]
};

// Of the attention that was declared as `name`; query heads that share a head of keys get copies of it. Throws
// InputError for a projection without such matrices.
std::vector<HeadMatrices> split_heads(const Parameters& parameters, const WeightSet& weights, const std::string& name,
                                      const AttentionConfig& config);

// The reverse, into a model's weights; of heads that share keys the first one's count.
void join_heads(const std::vector<HeadMatrices>& heads, const Parameters& parameters, const std::string& name,
                const AttentionConfig& config, WeightSet& weights);

}  // namespace heddle::nn::attentions
