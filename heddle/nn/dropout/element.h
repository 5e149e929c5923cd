#pragma once
// x·m, m drawn anew for each element: 0 with probability p, else 1/(1-p) (Srivastava et al. 2014). Fused with the pass
// before it.

#include "heddle/nn/idea.h"
#include "heddle/ops/structured_dropout.h"

namespace heddle::nn::dropouts {

struct Element {
  static constexpr Idea kIdea = {
      .name = "element", .formula = "x_pc·m_pc", .cost = "nothing of its own", .paper = "Srivastava et al. 2014"};
  static constexpr ops::DropoutPiece kPiece = {.rows = 1, .columns = 1};
};

}  // namespace heddle::nn::dropouts
