#pragma once
// y = (x - mean(x))/√(var(x) + ε)·gain + shift, over the columns of a row (Ba et al. 2016). O(n·d); 2·d weights.

#include "heddle/nn/norm/row_norm.h"

namespace heddle::nn::norms {

class Layer : public RowNorm {
 public:
  static constexpr Idea kIdea = {.name = "layer",
                                 .formula = "(x - mean x)/√(var x + ε)·g + b, over a row",
                                 .cost = "O(nd), 2d weights",
                                 .paper = "Ba et al. 2016"};
  Layer(const Place& place, const NormConfig& config) : RowNorm(place, config, kernels::NormKind::layer) {}
};

}  // namespace heddle::nn::norms
