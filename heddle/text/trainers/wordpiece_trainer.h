#pragma once
// Learns a WordPiece vocabulary from word counts (Schuster and Nakajima 2012; Devlin et al. 2019).
//
// A word starts as its characters, all but the first with the prefix "##"; pairs are joined until there are enough
// pieces. `tokenizers` joins by frequency, as BPE does, although its documentation speaks of the likelihood: with
// PairScore::frequency the vocabulary is its own, up to ties, which it breaks by the order of a hash table.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "heddle/text/trainers/alphabet.h"
#include "heddle/text/trainers/pair_learner.h"
#include "heddle/text/trainers/word_counts.h"

namespace heddle::text {

struct WordPieceTrainerOptions {
  int64_t vocab_size = 30000;  // special tokens and characters included; a corpus may give fewer
  int64_t min_frequency = 0;   // of a pair
  std::vector<std::string> special_tokens;
  std::string prefix = "##";
  PairScore score = PairScore::likelihood;
  AlphabetOptions alphabet;
};

// In id order: special tokens, characters by code point, characters with the prefix, pieces as they were learned. A
// word with a character outside the alphabet is unknown as a whole, so it is left out. Throws InputError when no words
// are left, and when vocab_size is smaller than the special tokens and characters.
std::vector<std::string> train_wordpiece(std::span<const WordCount> words, const WordPieceTrainerOptions& options);

}  // namespace heddle::text
