#pragma once
// Learns the merges of byte-pair encoding from word counts (Sennrich et al. 2016): the most frequent pair of
// neighbouring symbols becomes one, again and again. Ties go to the pair of lower ids, as in the `tokenizers` library.

#include <cstdint>
#include <string>
#include <vector>

#include "heddle/text/trainers/alphabet.h"
#include "heddle/text/trainers/pair_table.h"
#include "heddle/text/trainers/word_counts.h"

namespace heddle::text {

struct BpeTrainerOptions {
  int64_t vocab_size = 8000;                   // all tokens; a corpus may give fewer
  int64_t min_frequency = 2;                   // of a pair
  std::vector<std::string> first_tokens = {};  // they lead the vocabulary, special ones for example
  bool bytes = true;                           // words are bytes, and symbols start as these; else as characters
  AlphabetOptions alphabet = {};               // of characters; words are cut where they have others
};

// What was learned: tokens in id order (bytes written as the characters of heddle/text/byte_level.h), merges as pairs
// of ids.
struct BpeVocabulary {
  std::vector<std::string> tokens;
  std::vector<SymbolPair> merges;
};

// After the first tokens come the 256 bytes or the alphabet, by code point, then what was joined. Throws InputError
// when there are no words, and when vocab_size leaves no room for what the merges start from.
BpeVocabulary train_bpe(std::vector<WordCount> words, const BpeTrainerOptions& options);

}  // namespace heddle::text
