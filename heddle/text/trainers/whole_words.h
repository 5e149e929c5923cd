#pragma once
// Vocabularies that need no learning: the most frequent words, or characters.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "heddle/text/trainers/alphabet.h"
#include "heddle/text/trainers/word_counts.h"

namespace heddle::text {

struct WordLevelOptions {
  int64_t vocab_size = 30000;  // special tokens included; a corpus may give fewer
  int64_t min_frequency = 0;   // of a word
  std::vector<std::string> special_tokens = {};
};

// Special tokens, then words from frequent to rare; ties in the order of their bytes, as in `tokenizers`. Throws
// InputError when there are no words, or no room for one beside the special tokens.
std::vector<std::string> word_level_vocabulary(std::span<const WordCount> words, const WordLevelOptions& options);

// Special tokens, then the alphabet from frequent to rare. Throws InputError when there are no words.
std::vector<std::string> character_vocabulary(std::span<const WordCount> words,
                                              std::span<const std::string> special_tokens,
                                              const AlphabetOptions& options);

}  // namespace heddle::text
