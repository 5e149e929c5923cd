#pragma once
// An answer of any way of decoding.

#include <cstdint>
#include <vector>

namespace heddle::decode {

struct Hypothesis {
  std::vector<int32_t> tokens;  // without start, with the end token where it was reached
  double log_probability = 0;   // sum over the tokens, as the score processors left them
  double score = 0;             // what answers are ranked by: normalised for length, less penalties
  bool finished = false;        // false: cut at the maximum length, or nothing could follow
};

}  // namespace heddle::decode
