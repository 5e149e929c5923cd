#pragma once
// score = q·k (Luong et al. 2015): its variance grows with the width of a head. n²·d operations.

#include "heddle/nn/attention/score.h"

namespace heddle::nn::attentions {

class Dot : public Score {
 public:
  static constexpr Idea kIdea = {.name = "dot", .formula = "q·k", .cost = "n²d", .paper = "Luong et al. 2015"};
  static double scale(int64_t) { return 1; }
  Dot(const Place&, const AttentionConfig&) {}
};

}  // namespace heddle::nn::attentions
