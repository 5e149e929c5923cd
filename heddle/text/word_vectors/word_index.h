#pragma once
// Finds words by open addressing with linear probing. The words lie elsewhere: the table holds their numbers alone.

#include <cstdint>
#include <string_view>
#include <vector>

namespace heddle::text {

class WordIndex {
 public:
  WordIndex() : WordIndex(0) {}
  // A table for up to `most` words; 8 to 16 bytes each.
  explicit WordIndex(int64_t most);

  // The number of `word`, or -1. `text_of(number)` gives the text of a word that was added.
  template <class TextOf>
  int64_t find(std::string_view word, TextOf&& text_of) const {
    return slots_[slot_of(word, text_of)];
  }

  // Adds `word` under `number` (0 … 2^31 − 2); false when it is there already.
  template <class TextOf>
  bool add(std::string_view word, int64_t number, TextOf&& text_of) {
    int32_t& slot = slots_[slot_of(word, text_of)];
    if (slot >= 0) return false;
    slot = static_cast<int32_t>(number);
    return true;
  }

 private:
  static uint64_t hash_of(std::string_view word);

  // Where the word is, or the free slot where it belongs: at least half of the slots are free.
  template <class TextOf>
  size_t slot_of(std::string_view word, TextOf&& text_of) const {
    size_t slot = hash_of(word) & mask_;
    while (slots_[slot] >= 0 && text_of(slots_[slot]) != word) slot = (slot + 1) & mask_;
    return slot;
  }

  size_t mask_;
  std::vector<int32_t> slots_;
};

}  // namespace heddle::text
