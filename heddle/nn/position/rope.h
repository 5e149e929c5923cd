#pragma once
// Rotary positions (Su et al. 2021): pairs of numbers of each query and key are turned by p·θ_i, θ_i = base^(-2i/d), so
// that q·k depends on the distance alone. Numbers i and i + d/2 of a head are a pair, as in the Llama family. O(n·d) a
// layer, no weights.
//
// Longer texts than those trained on, by a factor s over the trained length L (model.rope.scaling):
//   linear   p/s in place of p (Chen et al. 2023)
//   ntk      base·s^(d/(d-2)): the slowest pair turns as with linear, the fastest as without
//   yarn     pairs that turn more than 32 times over L stay, fewer than once are slowed by s, a ramp between; all
//            queries and keys grow by 0.1·ln s + 1 (Peng et al. 2023)

#include "heddle/nn/position/position.h"

namespace heddle::nn::positions {

class Rope : public Position {
 public:
  static constexpr Idea kIdea = {
      .name = "rope",
      .formula = "q_p, k_p turned by p·base^(-2i/d_h) in pairs",
      .cost = "O(nd) a layer",
      .paper = "Su et al. 2021",
      .traits = {.order_equivariant = false, .needs_query = true, .fixed_length = true, .self_only = true}};
  static constexpr bool kInAttention = true, kHasWeights = false;
  Rope(const Place& place, const PositionConfig& config);
  ops::RotaryTable rotary(const Pass& pass) const override { return pass.weights.dtype() == DType::f64 ? f64_ : f32_; }

  // Radians a pair turns from one position to the next, [head width / 2]; and what the turned vectors are multiplied
  // by.
  static std::vector<double> rates(const PositionConfig& config);
  static double growth(const PositionConfig& config);

 private:
  ops::RotaryTable f32_, f64_;
};

}  // namespace heddle::nn::positions
