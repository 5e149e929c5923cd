#pragma once
// How often each word of a corpus occurs: all that the trainers see of it. The text streams past, the counts stay.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/text/trainers/word_table.h"

namespace heddle::text {

struct WordCount {
  std::string word;
  int64_t count;
};

class WordCounter {
 public:
  using Take = std::function<void(std::string_view word)>;
  // Gives the words of a text to `take`; called by several threads at once.
  using Split = std::function<void(std::string_view text, const Take& take)>;

  // What a word takes in the table beside its bytes, as the limit counts it.
  static constexpr int64_t kBytesPerWord = 64;

  // limit: bytes of the table; 0: any. Looked at after each block of about 4 MiB of text: when the table is larger, the
  // words of the lowest counts are dropped, of the last of these counts a share, until half the limit is kept. A
  // dropped word that comes again counts from 1 (Manku and Motwani 2002 bound such losses). Blocks depend on the texts
  // alone, so the outcome is the same at any thread count. Throws InputError for a limit below 1 MiB.
  explicit WordCounter(Split split, int64_t limit = 0);

  void add(std::string_view text);
  // The words in the order of their bytes; the counter is empty afterwards.
  std::vector<WordCount> take();

  // Occurrences of words at the time they were dropped.
  int64_t dropped() const { return dropped_; }

 private:
  // By the highest bits of the hash, so that threads can put different parts together at once.
  static constexpr int kPartBits = 6;
  using Parts = std::vector<WordTable>;  // 2^kPartBits

  static size_t part_of(uint64_t hash) { return hash >> (64 - kPartBits); }
  void count_block();
  void drop_rare();

  Split split_;
  int64_t limit_;
  std::string block_;
  std::vector<size_t> ends_;  // of the block's texts
  Parts parts_;
  std::vector<Parts> of_threads_;  // of the block
  int64_t bytes_ = 0;              // of the words in parts_, as the limit counts them
  int64_t dropped_ = 0;
  uint64_t draws_ = 0;
};

}  // namespace heddle::text
