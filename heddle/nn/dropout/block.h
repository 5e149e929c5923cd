#pragma once
// x·m, one m for each block of 4 positions by 8 columns, so that neighbours, which could stand in for each other, fall
// together (Ghiasi et al. 2018, DropBlock; here blocks lie on a grid and never overlap, so that exactly the share p is
// dropped in the mean). O(n·d).

#include "heddle/nn/idea.h"
#include "heddle/ops/structured_dropout.h"

namespace heddle::nn::dropouts {

struct Block {
  static constexpr Idea kIdea = {
      .name = "block", .formula = "x_pc·m_(p/4, c/8)", .cost = "O(nd)", .paper = "Ghiasi et al. 2018 (DropBlock)"};
  static constexpr ops::DropoutPiece kPiece = {.rows = 4, .columns = 8};
};

}  // namespace heddle::nn::dropouts
