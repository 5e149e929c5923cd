#pragma once
// y = x/√(mean(x²) + ε)·gain, over the columns of a row (Zhang & Sennrich 2019): layer norm without its mean and its
// shift. O(n·d); d weights.

#include "heddle/nn/norm/row_norm.h"

namespace heddle::nn::norms {

class Rms : public RowNorm {
 public:
  static constexpr Idea kIdea = {.name = "rms",
                                 .formula = "x/√(mean x² + ε)·g, over a row",
                                 .cost = "O(nd), d weights",
                                 .paper = "Zhang & Sennrich 2019"};
  Rms(const Place& place, const NormConfig& config) : RowNorm(place, config, kernels::NormKind::rms) {}
};

}  // namespace heddle::nn::norms
