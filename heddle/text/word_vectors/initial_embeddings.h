#pragma once
// The start of an embedding table from word vectors.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "heddle/text/word_vectors/word_vectors.h"

namespace heddle::text {

struct InitialEmbeddings {
  std::vector<float> table;  // [tokens, width], row by row
  int64_t found = 0;         // tokens that have a vector
};

// The row of a token that is a word of `vectors` is its vector; the others are drawn from a normal distribution with
// mean 0 and the root mean square of the found values as deviation: the same for the same seed and row. Tokens are
// looked up as they are: markers of word starts are the caller's. Throws InputError when no token is found.
InitialEmbeddings initial_embeddings(const WordVectors& vectors, std::span<const std::string> tokens, uint64_t seed);

}  // namespace heddle::text
