#pragma once
// What parallel text looks like from outside: the figures from which a recipe is guessed.

#include <cstdint>
#include <span>

#include "heddle/data/parallel_text.h"

namespace heddle::data {

struct SideSurvey {
  int64_t bytes = 0;
  double mean_words = 0;         // a word is what stands between spaces
  int64_t most_bytes = 0;        // of a line
  int64_t usual_most_bytes = 0;  // 999 lines of 1000 are not longer
};

struct TextSurvey {
  int64_t pairs = 0;
  int64_t empty = 0;  // pairs with an empty side
  SideSurvey source, target;
  // Of both sides together; counting stops at a million, where it no longer decides anything.
  int64_t distinct_words = 0;
  int64_t distinct_word_bytes = 0;
};

TextSurvey survey(std::span<const TextPair> pairs);

// A vocabulary that the text can fill: about 6,000 pieces for 4 MB, growing with the root of the
// size, from `least` to 32,000, and never near as many merges as there are places to merge.
int64_t guess_vocabulary(const TextSurvey& text, int64_t least);

// Tokens that 999 of 1000 lines do not pass, in steps of 32; a piece is taken to have two bytes or
// more.
int64_t guess_token_limit(const SideSurvey& side);

}  // namespace heddle::data
