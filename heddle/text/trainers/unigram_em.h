#pragma once
// One round of expectation maximization of a Unigram model, and the pruning of its pieces (Kudo 2018).

#include <cstdint>
#include <span>
#include <vector>

#include "heddle/text/trainers/piece_lattice.h"
#include "heddle/text/trainers/word_counts.h"

namespace heddle::text {

struct Expectation {
  std::vector<double> counts;  // of each piece, over all cuts of all words
  double log_likelihood = 0;   // of the words; those that cannot be cut are left out
};

// By all threads. Sums are integers of 2^−24 (up to 5·10^11 characters), so they do not depend on who summed what.
Expectation expect(std::span<const WordCount> words, std::span<const UnigramPiece> pieces);

// New scores ψ(count) − ψ(sum of counts): with the digamma function ψ, the mean under a Dirichlet posterior, which
// favours few pieces (Liang and Klein 2009). Pieces with a count below 1/2 are dropped, but for single characters,
// which count as 1/2 then.
std::vector<UnigramPiece> maximize(std::vector<UnigramPiece> pieces, std::span<const double> counts);

// Keeps single characters and, of the others, those whose loss is highest: by how much the words' likelihood would fall
// if the piece were cut into others, each word in its best cut. `most` pieces in all, where that leaves the characters.
std::vector<UnigramPiece> prune(std::span<const WordCount> words, std::vector<UnigramPiece> pieces, int64_t most);

bool is_character(std::string_view text);  // exactly one

double digamma(double x);  // x > 0

}  // namespace heddle::text
