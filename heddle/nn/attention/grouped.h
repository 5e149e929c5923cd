#pragma once
// Groups of query heads read one head of keys and values each (Ainslie et al. 2023, GQA): model.attention.key_heads of
// them, g. 2·n·d·(d + 2·g·d_h) operations; d² + 2·g·d·d_h weights.

#include "heddle/nn/attention/fused.h"

namespace heddle::nn::attentions {

class Grouped : public Fused {
 public:
  static constexpr Idea kIdea = {.name = "grouped",
                                 .formula = "h heads of q, g of k and v",
                                 .cost = "2nd(d + 2g·d_h), d² + 2g·d·d_h weights",
                                 .paper = "Ainslie et al. 2023"};
  using Fused::Fused;
};

}  // namespace heddle::nn::attentions
