#pragma once
// What a tokenizer does to a language, from a text in it: how many tokens it takes, what it does not know, and which
// words it cuts into most pieces.

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "heddle/text/inspection/heaps_law.h"
#include "heddle/text/inspection/word_cuts.h"

namespace heddle::text {

// A word that was cut, as it was where it was seen first.
struct WordInPieces {
  std::vector<std::string> pieces;
  int64_t count = 0;   // how often the word occurs
  int64_t tokens = 0;  // of one occurrence, the first; more than pieces where a character is cut into bytes

  int64_t extra_tokens() const { return count * (tokens - 1); }
};

struct LanguageProfile {
  std::string name;
  int64_t texts = 0, bytes = 0, characters = 0, words = 0, tokens = 0;
  int64_t unknown_tokens = 0;
  int64_t byte_tokens = 0;         // "<0xE2>" and the like, for characters that are no tokens
  int64_t shown = 0, covered = 0;  // characters that are no white space, and those of them that a known token came from
  int64_t whole_words = 0;         // occurrences that are one known token
  int64_t distinct_words = 0, distinct_whole_words = 0, distinct_tokens = 0;
  int64_t words_not_listed = 0;          // occurrences of words that came when the table of words was full
  std::vector<int64_t> words_by_tokens;  // how many words became 0, 1, 2, … tokens; the last: that many or more
  GrowthCurve word_growth, token_growth;
  std::vector<WordInPieces> worst;      // the most tokens for one word, of words of at most 40 characters
  std::vector<WordInPieces> costliest;  // the most tokens beyond one for all occurrences together

  double fertility() const { return ratio(tokens, words); }  // tokens per word (Rust et al. 2021)
  double tokens_per_byte() const { return ratio(tokens, bytes); }
  double tokens_per_character() const { return ratio(tokens, characters); }
  double unknown_rate() const { return ratio(unknown_tokens, tokens); }
  double byte_rate() const { return ratio(byte_tokens, tokens); }
  double coverage() const { return shown == 0 ? 1 : ratio(covered, shown); }
  // Words that are no token of their own, of all and of different ones.
  double out_of_vocabulary() const { return ratio(words - whole_words, words); }
  double distinct_out_of_vocabulary() const { return ratio(distinct_words - distinct_whole_words, distinct_words); }

  static double ratio(int64_t part, int64_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
  }
};

struct ProfileOptions {
  size_t words_shown = 15;                      // of each list
  size_t most_words = size_t{1} << 21;          // in the table; later new words are counted but not told apart
  static constexpr int64_t kLongestShown = 40;  // characters; longer words are addresses and the like
  static constexpr size_t kMostTokensCounted = 8;
};

// Profiles one language after another, block by block; what it says does not depend on the number of threads.
class LanguageProfiler {
 public:
  // The tokenizer outlives the profiler.
  explicit LanguageProfiler(const Tokenizer& tokenizer, const ProfileOptions& options = {});

  // Bytes that are not UTF-8 are read as U+FFFD.
  void add(std::string_view text);
  // The profile of what was added since the last one.
  LanguageProfile take(const std::string& name);

 private:
  struct Word {
    int64_t count = 0;
    int64_t tokens = 0;
    bool whole = false;
    std::string piece_lengths;  // a byte each, at most 255
  };
  using Words = std::unordered_map<std::string, Word, WordHash, std::equal_to<>>;

  void profile_block();
  void add_tokens(const CutText& cut);
  void add_word(const CutText& cut, size_t i);
  void add_coverage(const CutText& cut);
  bool is_known(const CutText& cut, int32_t token) const;
  template <class Better>
  std::vector<WordInPieces> first_words(Better better, int64_t longest) const;

  const Tokenizer& tokenizer_;
  ProfileOptions options_;
  int32_t unknown_id_;
  std::vector<bool> is_byte_;  // by id
  std::vector<std::string> block_;
  size_t block_bytes_ = 0;
  LanguageProfile profile_;
  Words words_;
  std::vector<bool> token_seen_;  // by id
};

// The tokenizer without truncation and padding, which a look at text must not meet.
Tokenizer unbounded(const Tokenizer& tokenizer);

}  // namespace heddle::text
