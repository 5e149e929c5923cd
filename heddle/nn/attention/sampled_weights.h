#pragma once
// model.attention.weights = "sampled": while training, weights are a random variable in place of its expectation. The
// weights of row i are a draw of the concrete distribution around p_i, softmax(s_i + g), g_ij = -ln(-ln u_ij) (Maddison
// et al. 2017; Jang et al. 2017): the largest of them is key j with probability p_ij exactly. Gradients go through the
// softmax as ever, with the draw fixed. Afterwards the expectation p_i is used. O(n²·h) logarithms, no weights.

#include "heddle/nn/attention/config.h"
#include "heddle/nn/pass.h"
#include "heddle/ops/attention.h"

namespace heddle::nn::attentions {

inline ops::ScoreNoise sampled_weights(const Pass& pass, const AttentionConfig& config, uint64_t site) {
  return {pass.random.at(site), pass.training && config.weights == "sampled"};
}

}  // namespace heddle::nn::attentions
