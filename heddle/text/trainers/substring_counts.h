#pragma once
// The substrings from which a Unigram vocabulary is chosen, by a sorted list of all suffixes.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "heddle/text/trainers/word_counts.h"

namespace heddle::text {

struct SubstringCount {
  std::string_view text;  // views into the words
  int64_t characters;
  int64_t count;  // occurrences in the corpus: of the words, each as often as it occurs
};

// The nodes of the words' suffix tree, cut at `longest` characters: substrings of two characters or more that occur at
// least twice, and no longer one of which occurs equally often as its continuation to the right. The `most` with the
// highest count · characters; the highest first, ties in the order of bytes. Words must be UTF-8.
std::vector<SubstringCount> frequent_substrings(std::span<const WordCount> words, int64_t longest, int64_t most);

}  // namespace heddle::text
