#pragma once
// Contextual positions (Golovneva et al. 2024, "Contextual position encoding: learning to count what's important"): a
// key's position is how many of the tokens from it to the query matter to the query, p_ij = Σ_{k=j}^{i} σ(s_ik), s the
// score without positions, at most P. It adds q_i·e[p_ij] to the score, e [P + 1, d_h] learned, the same for all heads,
// and between whole positions interpolated. P is model.position_distance, 64 when that is 0; e starts at 0, as the
// paper's. Counts end at the query: of causal self-attention alone. O(n²·d) a layer: some queries' vectors meet a tile
// of keys, and the places that these reach; (P + 1)·d_h weights; nothing n×n is kept
// (kernels/position_terms/contextual_position.h).

#include "heddle/nn/position/position.h"
#include "heddle/nn/weight.h"

namespace heddle::nn::positions {

class Cope : public Position {
 public:
  static constexpr Idea kIdea = {.name = "cope",
                                 .formula = "s_ij + q_i·e[p_ij], p_ij = min(Σ_{k=j}^{i} σ(s_ik), P)",
                                 .cost = "O(n²d) a layer, (P + 1)·d_h weights",
                                 .paper = "Golovneva et al. 2024",
                                 .traits = {.order_equivariant = false, .needs_query = true, .self_only = true}};
  static constexpr bool kInAttention = true, kHasWeights = true;
  Cope(const Place& place, const PositionConfig& config)
      : table_(place.parameters.declare({.name = place.name + ".positions",
                                         .role = "position",
                                         .shape = {(config.distance ? config.distance : 64) + 1, config.head_width},
                                         .init = Init::zeros(),
                                         .layer = place.layer})) {}
  ops::PositionTerm term(const Pass& pass, const Rows&) const override {
    return {.kind = ops::PositionTerm::Kind::context, .table = weight(table_, pass).dense()};
  }

 private:
  ParameterId table_;
};

}  // namespace heddle::nn::positions
