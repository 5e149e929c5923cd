#pragma once
// ListOps (Nangia and Bowman 2018, "ListOps: A Diagnostic Dataset for Latent Tree Learning"): nested prefix expressions
// over digits whose value is one digit, as long as wanted. What the value hangs on may stand anywhere in the text.
//
//   [MAX 2 9 [MIN 4 7 ] 0 ]   → 9
//
// MIN, MAX, MED (the median, rounded down) and SM (the sum modulo 10) of 2 to 5 arguments; brackets and digits are
// words apart, an operator is one with its bracket.

#include <cstdint>
#include <string>

#include "heddle/base/random.h"
#include "heddle/data/parallel_text.h"

namespace heddle::data {

struct ListOpsSizes {
  int64_t least_words = 100, most_words = 480;  // of an expression
  int64_t deepest = 8;                          // nested operators
};

// One expression with its value. Throws InputError for sizes that cannot be: most below 4 or least above most.
TextPair draw_listops(RandomStream& random, const ListOpsSizes& sizes);

// The value of an expression; throws InputError, saying where, for what is none.
int evaluate_listops(const std::string& expression);

}  // namespace heddle::data
