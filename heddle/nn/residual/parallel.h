#pragma once
// y = x + attention(norm(x)) + feed_forward(norm(x)): the branches of a layer read the same normalized x and need not
// wait for each other (Wang & Komatsuzaki 2021, GPT-J; Chowdhery et al. 2022, PaLM). Cross-attention is one of them.
// The layer has one norm, before its branches. O(n·d), no weights.

#include "heddle/nn/residual/plain.h"

namespace heddle::nn::residuals {

class Parallel : public Plain {
 public:
  static constexpr Idea kIdea = {.name = "parallel",
                                 .formula = "x + attention(norm x) + feed_forward(norm x)",
                                 .cost = "O(nd)",
                                 .paper = "Wang & Komatsuzaki 2021"};
  using Plain::Plain;
};

}  // namespace heddle::nn::residuals
