#pragma once
// All query heads read one head of keys and values (Shazeer 2019, "Fast Transformer decoding: one write-head is all you
// need"): the cache is h times smaller. 2·n·d·(d + 2·d_h) operations; d² + 2·d·d_h weights.

#include "heddle/nn/attention/fused.h"

namespace heddle::nn::attentions {

class MultiQuery : public Fused {
 public:
  static constexpr Idea kIdea = {.name = "multi_query",
                                 .formula = "h heads of q, one of k and v",
                                 .cost = "2nd(d + 2d_h), d² + 2d·d_h weights",
                                 .paper = "Shazeer 2019"};
  using Fused::Fused;
};

}  // namespace heddle::nn::attentions
