#pragma once
// score - m_h·|distance|, a fixed slope for each head: m_h = 2^(-8·h/H) for h = 1 … H where H is a power of two; for
// other H those of the next lower power, then every other one of twice that (Press et al. 2021, "Train short, test
// long"). O(n²·h) a layer, no weights.

#include "heddle/nn/position/position.h"

namespace heddle::nn::positions {

class Alibi : public Position {
 public:
  static constexpr Idea kIdea = {.name = "alibi",
                                 .formula = "s_ij - m_h·|i - j|",
                                 .cost = "O(n²h) a layer",
                                 .paper = "Press et al. 2021",
                                 .traits = {.order_equivariant = false, .self_only = true}};
  static constexpr bool kInAttention = true, kHasWeights = false;
  Alibi(const Place&, const PositionConfig& config) : slopes_(slopes(config.heads)) {}
  ops::PositionTerm term(const Pass&, const Rows&) const override {
    return {.kind = ops::PositionTerm::Kind::slope, .slopes = slopes_};
  }

  static std::vector<double> slopes(int heads);

 private:
  std::vector<double> slopes_;
};

}  // namespace heddle::nn::positions
