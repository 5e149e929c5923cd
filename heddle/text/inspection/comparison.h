#pragma once
// Two tokenizers on the same text: which takes fewer tokens, and which words they cut in other places.

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "heddle/text/inspection/word_cuts.h"
#include "heddle/text/tokenizer.h"

namespace heddle::text {

// How many tokens two vocabularies share, as they are written ("Ġdog", "▁dog", "##s") and as the text they stand for
// ("dog", "s"; without spaces, and without tokens that are parts of a character).
struct VocabularyOverlap {
  std::array<int64_t, 2> written{}, texts{};  // different ones of each
  int64_t shared_written = 0, shared_texts = 0;

  static double jaccard(const std::array<int64_t, 2>& sizes, int64_t shared) {
    const int64_t either = sizes[0] + sizes[1] - shared;
    return either == 0 ? 0 : static_cast<double>(shared) / static_cast<double>(either);
  }
};

VocabularyOverlap overlap_of(const Tokenizer& a, const Tokenizer& b);

// A word that the two cut in other places, where it was seen first.
struct WordCutTwice {
  std::array<std::vector<std::string>, 2> pieces;
  int64_t count = 0;
};

struct LanguageComparison {
  std::string name;
  int64_t bytes = 0, characters = 0, words = 0;
  std::array<int64_t, 2> tokens{}, unknown{};
  int64_t words_cut_differently = 0;  // occurrences
  int64_t distinct_words = 0, distinct_cut_differently = 0;
  std::vector<WordCutTwice> examples;  // the most frequent

  double per_word(size_t which) const { return ratio(tokens[which], words); }
  double per_byte(size_t which) const { return ratio(tokens[which], bytes); }
  double share_cut_differently() const { return ratio(words_cut_differently, words); }
  double distinct_share() const { return ratio(distinct_cut_differently, distinct_words); }

  static double ratio(int64_t part, int64_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
  }
};

// Compares on one language after another; what it says does not depend on the number of threads.
class TokenizerComparer {
 public:
  // Both tokenizers outlive this.
  TokenizerComparer(const Tokenizer& a, const Tokenizer& b, size_t examples = 15);

  void add(std::string_view text);
  LanguageComparison take(const std::string& name);

  static constexpr size_t kMostWords = size_t{1} << 20;  // told apart; later new ones count as words alone

 private:
  struct Word {
    int64_t count = 0;
    bool differs = false;
    std::array<std::vector<std::string>, 2> pieces = {};  // where they differ
  };

  void compare_block();
  void compare_words(const CutText& a, const CutText& b);

  std::array<const Tokenizer*, 2> both_;
  std::array<int32_t, 2> unknown_ids_;
  size_t examples_;
  std::vector<std::string> block_;
  size_t block_bytes_ = 0;
  LanguageComparison comparison_;
  std::unordered_map<std::string, Word, WordHash, std::equal_to<>> words_;
};

}  // namespace heddle::text
