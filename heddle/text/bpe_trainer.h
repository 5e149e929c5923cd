#pragma once
// Learns byte-level BPE merges from word counts.
//
// Only the distinct pieces of the corpus and their counts are held, not the text. Ties go to the pair
// with the lower ids, as in the `tokenizers` library, so that the same corpus gives the same file.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace heddle::text {

struct BpeTrainerOptions {
  int64_t vocab_size = 8000;  // special tokens and the 256 bytes included
  int64_t min_frequency = 2;  // of a pair
  std::vector<std::string> special_tokens;
};

// What was learned: tokens in byte-level characters, in id order; merges as pairs of ids.
struct BpeVocabulary {
  std::vector<std::string> tokens;
  std::vector<std::pair<int32_t, int32_t>> merges;
};

class BpeTrainer {
 public:
  // Counts the pieces of one line of text (valid UTF-8).
  void add_line(std::string_view line);
  // Throws InputError when the corpus is empty or cannot give the vocabulary asked for.
  BpeVocabulary train(const BpeTrainerOptions& options) const;

 private:
  std::unordered_map<std::string, int64_t> piece_counts_;
};

}  // namespace heddle::text
