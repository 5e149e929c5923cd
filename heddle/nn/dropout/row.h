#pragma once
// x·m, one m for each position: the whole vector of a token at this place is dropped or kept (as Iyyer et al. 2015,
// word dropout, of any vector). O(n·d).

#include "heddle/nn/idea.h"
#include "heddle/ops/structured_dropout.h"

namespace heddle::nn::dropouts {

struct Row {
  static constexpr Idea kIdea = {
      .name = "row", .formula = "x_pc·m_p", .cost = "O(nd)", .paper = "Iyyer et al. 2015 (word dropout)"};
  static constexpr ops::DropoutPiece kPiece = {.rows = 1, .columns = 0};
};

}  // namespace heddle::nn::dropouts
