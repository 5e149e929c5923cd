#pragma once
// Learns a Unigram vocabulary from word counts (Kudo 2018), as SentencePiece does: many frequent substrings at first,
// then rounds of expectation maximization, between which the pieces that matter least are dropped.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "heddle/text/trainers/alphabet.h"
#include "heddle/text/trainers/piece_lattice.h"
#include "heddle/text/trainers/word_counts.h"

namespace heddle::text {

struct UnigramTrainerOptions {
  int64_t vocab_size = 8000;  // special tokens and characters included; a corpus may give fewer
  std::vector<std::string> special_tokens = {};
  AlphabetOptions alphabet = {.coverage = 0.9995, .limit = 0, .always = {}};
  int64_t longest_piece = 16;     // characters
  int64_t seed_size = 1'000'000;  // pieces at first
  double kept_share = 0.75;       // of the pieces, in each pruning; below 1
  int rounds = 2;                 // of expectation maximization before each pruning
};

// Special tokens with score 0, then pieces from the highest score to the lowest. All characters of the alphabet are
// pieces; words are cut where they have others. The same at any thread count. Throws InputError when nothing can be
// learned, for options out of range, and when vocab_size is smaller than the special tokens and characters.
std::vector<UnigramPiece> train_unigram(std::vector<WordCount> words, const UnigramTrainerOptions& options);

}  // namespace heddle::text
