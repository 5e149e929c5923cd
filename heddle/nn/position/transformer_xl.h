#pragma once
// ((q_i + u)·k_j + (q_i + v)·W_R·R[i - j])/√d_h, R the sinusoids of the distance, W_R, u and v learned (Dai et al.
// 2019, Transformer-XL). The bias of the query projection is u; what is learned here is v - u. O(n²·d) and n·d² a
// layer; d² + d weights.

#include <array>

#include "heddle/nn/position/position.h"
#include "heddle/nn/weight.h"

namespace heddle::nn::positions {

class TransformerXl : public Position {
 public:
  static constexpr Idea kIdea = {
      .name = "transformer_xl",
      .formula = "((q_i + u)·k_j + (q_i + v)·W_R·R[i - j])/√d_h",
      .cost = "O(n²d + nd²) a layer, d² + d weights",
      .paper = "Dai et al. 2019",
      .traits = {.order_equivariant = false, .needs_query = true, .fixed_length = true, .self_only = true}};
  static constexpr bool kInAttention = true, kHasWeights = true;
  TransformerXl(const Place& place, const PositionConfig& config);
  ops::PositionTerm term(const Pass& pass, const Rows& rows) const override;

 private:
  int64_t reach_;
  bool causal_;
  Tensor f32_, f64_;  // [2·max_length - 1, width]: sinusoids of distances -reach … reach
  ParameterId projection_, shift_;
  // Each distance is a sequence of its own: its row belongs to no example.
  std::vector<int32_t> offsets_, positions_;
  std::vector<int64_t> examples_;
};

}  // namespace heddle::nn::positions
