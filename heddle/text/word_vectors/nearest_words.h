#pragma once
// The words whose vectors point most nearly in a given direction, by cosine: exact, every word is looked at.

#include <cstdint>
#include <span>
#include <vector>

#include "heddle/text/word_vectors/word_vectors.h"

namespace heddle::text {

struct Neighbour {
  int64_t row;
  double cosine;  // 0 where one of the two vectors is zero
};

// The `most` nearest rows without those in `left_out`, the nearest first; ties go to the lower row, so that any number
// of threads gives the same. query: [width].
std::vector<Neighbour> nearest_words(const WordVectors& vectors, std::span<const float> query, int64_t most,
                                     std::span<const int64_t> left_out = {});

}  // namespace heddle::text
