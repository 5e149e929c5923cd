#pragma once
// q_i·(k_j + a[clip(j - i, ±K)])/√d: a learned vector for each distance up to K = 16, the same for all heads (Shaw et
// al. 2018). The vectors that the paper also adds to the values, and finds of no use beside these (table 3), are left
// out. O(n²·d) a layer; (2K + 1)·d_h weights.

#include "heddle/nn/position/position.h"
#include "heddle/nn/weight.h"

namespace heddle::nn::positions {

class Shaw : public Position {
 public:
  static constexpr Idea kIdea = {.name = "shaw",
                                 .formula = "q_i·(k_j + a[clip(j - i)])/√d_h",
                                 .cost = "O(n²d) a layer, (2K + 1)·d_h weights",
                                 .paper = "Shaw et al. 2018",
                                 .traits = {.order_equivariant = false, .needs_query = true, .self_only = true}};
  static constexpr bool kInAttention = true, kHasWeights = true;
  Shaw(const Place& place, const PositionConfig& config)
      : distance_(config.distance ? config.distance : 16),
        high_(config.causal ? 0 : distance_),
        table_(place.parameters.declare({.name = place.name + ".keys",
                                         .role = "position",
                                         .shape = {distance_ + high_ + 1, config.head_width},
                                         .init = Init::xavier(),
                                         .layer = place.layer})) {}
  ops::PositionTerm term(const Pass& pass, const Rows&) const override {
    return {
        .kind = ops::PositionTerm::Kind::key, .table = weight(table_, pass).dense(), .low = -distance_, .high = high_};
  }

 private:
  int64_t distance_, high_;
  ParameterId table_;
};

}  // namespace heddle::nn::positions
