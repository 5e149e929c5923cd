#pragma once
// The characters that a vocabulary starts from.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "heddle/text/trainers/word_counts.h"

namespace heddle::text {

struct AlphabetOptions {
  // Share of all characters in the corpus that the alphabet holds: the rarest beyond it are left out (SentencePiece's
  // character coverage). 0 < coverage ≤ 1.
  double coverage = 1;
  int64_t limit = 0;            // most characters; 0: any
  std::vector<int32_t> always;  // code points that are in whatever their counts, and do not fall under the limit
};

struct CharacterCount {
  int32_t character;  // code point
  int64_t count;
};

// All characters of the words, the most frequent first; ties: the lower code point. Throws InputError for words that
// are not UTF-8.
std::vector<CharacterCount> count_characters(std::span<const WordCount> words);

// The characters kept, the most frequent first; those of `always` that do not occur come last. Throws InputError
// for options out of range.
std::vector<CharacterCount> choose_alphabet(std::span<const WordCount> words, const AlphabetOptions& options);

}  // namespace heddle::text
