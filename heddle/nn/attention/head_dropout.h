#pragma once
// DropHead (Zhou et al. 2020, "Scheduled DropHead"): while training, each example leaves out each head of an attention
// with probability model.attention.head_dropout; those that are left are scaled by 1/(1-p), which in the mean is the
// paper's heads/heads left. O(n·d).

#include "heddle/nn/attention/config.h"
#include "heddle/nn/dropout/dropout.h"

namespace heddle::nn::attentions {

// mixed [tokens, heads·width], what the heads give before they are joined.
inline Dropout head_dropout(const std::string& name, const AttentionConfig& config) {
  return {name + ".heads", config.head_dropout, {.rows = 0, .columns = config.of_head()}};
}

}  // namespace heddle::nn::attentions
