#pragma once
// A tokenizer goes on where it ended: with words that are given, or with tokens learned from more text. Old ids stay.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/text/tokenizer.h"
#include "heddle/text/trainers/word_counts.h"

namespace heddle::text {

struct Extension {
  Tokenizer tokenizer;
  // Of each new token, in the order of ids from the old vocabulary's size on: what the old tokenizer made of it.
  std::vector<std::vector<int32_t>> old_pieces;
};

// The words are one token each from now on, wherever they stand as words. Any type of tokenizer; those that are one
// token already change nothing. Throws InputError for an empty word, or one longer than an added token may be.
Extension extend_by_words(const Tokenizer& tokenizer, std::span<const std::string> words);

// Learns from text: BPE, WordPiece and Unigram join their most frequent neighbours, as BPE's training does; WordLevel
// takes the most frequent words it does not know.
class TokenizerExtender {
 public:
  // memory_limit: bytes, as of TokenizerRecipe.
  TokenizerExtender(const Tokenizer& tokenizer, int64_t memory_limit);

  void add(std::string_view text) { words_.add(text); }
  // Up to `more` new tokens, whose parts are neighbours (or which stand as words) at least `min_frequency` times.
  Extension extend(int64_t more, int64_t min_frequency);

  int64_t dropped() const { return words_.dropped(); }

 private:
  Tokenizer tokenizer_;
  bool as_bytes_;  // pieces
  WordCounter words_;
};

}  // namespace heddle::text
