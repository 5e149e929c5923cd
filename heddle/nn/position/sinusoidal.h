#pragma once
// x_p + sin and cos of p / 10000^(2i/d) in columns 2i and 2i + 1 (Vaswani et al. 2017, section 3.5): PE(p + k) is a
// rotation of PE(p). O(n·d), no weights.

#include "heddle/nn/position/position.h"

namespace heddle::nn::positions {

class Sinusoidal : public Position {
 public:
  static constexpr Idea kIdea = {.name = "sinusoidal",
                                 .formula = "x_p + [sin(p/10000^(2i/d)), cos(p/10000^(2i/d))]",
                                 .cost = "O(nd)",
                                 .paper = "Vaswani et al. 2017",
                                 .traits = {.order_equivariant = false, .fixed_length = true}};
  static constexpr bool kInAttention = false, kHasWeights = false;
  Sinusoidal(const Place& place, const PositionConfig& config);
  Tensor table(const Pass& pass) const override { return pass.weights.dtype() == DType::f64 ? f64_ : f32_; }

 private:
  Tensor f32_, f64_;  // [max_length, width]
};

}  // namespace heddle::nn::positions
