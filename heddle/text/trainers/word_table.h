#pragma once
// A hash table from words to counts, made for a table of millions: a word of up to 16 bytes lies in its entry, a longer
// one in memory that is given back as a whole.

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace heddle::text {

class WordTable {
 public:
  static constexpr size_t kInside = 16;  // bytes of a word that lies in its entry

  class Entry {
   public:
    std::string_view word() const {
      return {bytes_ <= kInside ? reinterpret_cast<const char*>(key_) : outside(), bytes_};
    }
    uint64_t hash() const { return hash_; }
    int64_t count = 0;

   private:
    friend class WordTable;
    const char* outside() const {
      const char* text;
      std::memcpy(&text, key_, sizeof(text));
      return text;
    }
    uint64_t key_[2];  // the word, zero-padded; or where it lies
    uint64_t hash_;
    uint32_t bytes_;
  };

  WordTable() = default;
  WordTable(WordTable&&) = default;
  WordTable& operator=(WordTable&&) = default;

  static uint64_t hash_of(std::string_view word);

  // Counts a word that is not empty, whose hash this is; whether it is new.
  bool add(std::string_view word, uint64_t hash, int64_t times);
  // In the order in which words came, which drop() keeps.
  std::span<const Entry> entries() const { return entries_; }
  // Empty, but with room for as many words as before.
  void clear();
  // Words with a count below `highest`, and a share, drawn by their hashes, of those that have it: where most words
  // come as often as each other, all of them would be too many.
  struct Rare {
    int64_t highest = 0;
    double share = 1;
    uint64_t draw = 0;  // another for each draw: what one left would be left by the next as well
    bool holds(const Entry& entry) const;
  };
  void drop(const Rare& rare);

 private:
  static constexpr uint32_t kFree = ~uint32_t{0};
  static constexpr size_t kBlock = 1 << 16;  // bytes of longer words held together

  static void read_key(std::string_view word, uint64_t (&key)[2]);
  void grow();
  const char* keep(std::string_view word);
  void place(uint32_t entry);

  std::vector<Entry> entries_;
  std::vector<uint32_t> slots_;  // places in entries_; a power of two, at most five eighths full
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* begin_of_free_ = nullptr;  // in the last block
  size_t left_ = 0;                // bytes from there on
};

}  // namespace heddle::text
