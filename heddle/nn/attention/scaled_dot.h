#pragma once
// score = q·k/√d_h (Vaswani et al. 2017): for queries and keys of unit variance it has unit variance at any width.
// n²·d operations.

#include <cmath>

#include "heddle/nn/attention/score.h"

namespace heddle::nn::attentions {

class ScaledDot : public Score {
 public:
  static constexpr Idea kIdea = {
      .name = "scaled_dot", .formula = "q·k/√d_h", .cost = "n²d", .paper = "Vaswani et al. 2017"};
  static double scale(int64_t head_width) { return 1 / std::sqrt(static_cast<double>(head_width)); }
  ScaledDot(const Place&, const AttentionConfig&) {}
};

}  // namespace heddle::nn::attentions
