#pragma once
// x·m, one m for each column, the same at all positions of a sequence (Gal & Ghahramani 2016, for recurrent networks):
// a sequence is read by one thinned network from its first token to its last. O(n·d).

#include "heddle/nn/idea.h"
#include "heddle/ops/structured_dropout.h"

namespace heddle::nn::dropouts {

struct Variational {
  static constexpr Idea kIdea = {
      .name = "variational", .formula = "x_pc·m_c", .cost = "O(nd)", .paper = "Gal & Ghahramani 2016"};
  static constexpr ops::DropoutPiece kPiece = {.rows = 0, .columns = 1};
};

}  // namespace heddle::nn::dropouts
