#pragma once
// The steps between rounds of a Unigram model's expectations (Kudo 2018): new scores, and which pieces stay.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "heddle/text/trainers/piece_lattice.h"
#include "heddle/text/trainers/word_lattices.h"

namespace heddle::text {

// New scores ψ(count) − ψ(sum of counts): with the digamma function ψ, the mean under a Dirichlet posterior, which
// favours few pieces (Liang and Klein 2009). Pieces with a count below 1/2 are dropped, but for single characters,
// which count as 1/2 then. Returns the new places of the old pieces; −1: dropped.
std::vector<int32_t> maximize(std::vector<UnigramPiece>& pieces, std::span<const double> counts);

// Keeps single characters and, of the others, those whose loss is highest: by how much the words' likelihood would fall
// if the piece were cut into others, each word in its best cut. `most` pieces in all, where that leaves the characters.
// They are sorted by their loss; returns as maximize() does.
std::vector<int32_t> prune(const WordLattices& words, std::vector<UnigramPiece>& pieces, int64_t most);

bool is_character(std::string_view text);  // exactly one

double digamma(double x);  // x > 0

}  // namespace heddle::text
