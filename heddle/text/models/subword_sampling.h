#pragma once
// Subword regularisation: a model that is trained on words cut at random, anew each time, learns what their parts mean
// and forgives how a word happens to be cut.

#include <cstdint>

#include "heddle/base/random.h"

namespace heddle::text {

struct SubwordSampling {
  // How often a word is cut otherwise, by the kind of model:
  //   BPE        the chance that a merge is passed over (BPE-dropout, Provilkov et al. 2020)
  //   WordPiece  the chance that a token that would fit is passed over for a shorter one (Hiraoka 2022)
  //   Unigram    the chance that a word's cut is drawn, from P(cut)^alpha, in place of the best (Kudo 2018)
  double dropout = 0;
  double alpha = 0.2;
  // Unigram: the text is cut as one of its so many most probable cuts, of all its words together, and the chance is the
  // text's instead of a word's; 0: its words are drawn, each from all its cuts.
  int64_t nbest = 0;
};

}  // namespace heddle::text
