#pragma once
// Pieces of a language repeat: what they were turned into is remembered, per thread and per model, in bounded memory.
//
// A hash table of entries of half a cache line holds short pieces of few ids whole, so that one look at one line is all
// that most pieces cost. What is longer lies in a log, whose newest records take the place of the oldest, and its entry
// says where. At most 32 MiB of table and 32 of log.

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace heddle::text {

class PieceCache {
 public:
  static constexpr size_t kLongest = 512;  // bytes of a piece that is remembered, and its ids
  static constexpr size_t kShort = 15;     // bytes of a piece that is its own key
  static constexpr size_t kFewIds = 3;     // as many as an entry holds

  PieceCache();

  // What a piece is looked for by. Its key: the bytes of a short one, zero-padded, with its length in the last; of a
  // longer one a hash, and kLong in the last byte. All zero: of nothing, which is not known.
  struct Query {
    uint64_t low = 0, high = 0;
    uint32_t line = 0;  // of the table, where the search begins; tables never shrink
  };
  // 0 < length <= kLongest.
  Query query(std::string_view piece) const;
  // The same for a short piece behind whose begin kShort + 1 bytes may be read.
  Query query_short(const char* piece, size_t length) const;

  struct Entry {
    uint64_t low, high;
    // Behind the ids their number, or kEmpty, or kInLog: then the first of them is the place of the record in the log.
    int32_t ids[kFewIds + 1];

    int32_t count() const { return ids[kFewIds]; }
    bool holds_ids() const { return count() > 0; }
  };
  // The entry of a piece if it holds all ids and stands where the search begins; else nullptr, and find() may know
  // more.
  const Entry* near(const Query& query) const {
    const Entry* found = &table_[kLineEntries * query.line];
    found += !is_of(*found, query);
    return is_of(*found, query) && found->holds_ids() ? found : nullptr;
  }
  // The ids, good until the next call of remember(); nothing for a piece that is not known.
  std::span<const int32_t> find(const Query& query, std::string_view piece) const;
  // A piece that find() did not find, with at least one id.
  void remember(const Query& query, std::string_view piece, std::span<const int32_t> ids);

  // Memory on its way to the processor: what near() reads; and what find() reads where that is not enough, which itself
  // reads the former.
  void prefetch(const Query& query) const { __builtin_prefetch(&table_[kLineEntries * query.line]); }
  void prefetch_more(const Query& query) const;

  // That of this thread for the owner with this number. A thread keeps those of the four owners it met last.
  static PieceCache& of_thread(uint64_t owner);
  static uint64_t new_owner();

 private:
  static constexpr int kLeastBits = 9, kMostBits = 19;              // of the number of lines: up to 32 MiB
  static constexpr size_t kLineEntries = 2;                         // entries of a cache line
  static constexpr size_t kLines = 8;                               // that are searched for a piece
  static constexpr size_t kLeastLog = 1 << 12, kMostLog = 1 << 23;  // words: up to 32 MiB
  static constexpr int32_t kEmpty = 0, kInLog = -1;
  static constexpr uint64_t kLong = uint64_t{0xFF} << 56;

  static bool is_of(const Entry& entry, const Query& query) {
    return ((entry.low ^ query.low) | (entry.high ^ query.high)) == 0;
  }
  uint32_t line_of(uint64_t low, uint64_t high) const {
    return static_cast<uint32_t>((low * 0x9E3779B97F4A7C15u + high * 0xD6E8FEB86659FD93u) >> line_shift_);
  }
  size_t lines() const { return size_t{1} << (64 - line_shift_); }
  size_t entries() const { return kLineEntries * lines(); }
  // The i-th entry where a piece may stand, in the order in which they fill.
  Entry& entry(uint32_t line, size_t i) const {
    return table_[kLineEntries * ((line + i / kLineEntries) & (lines() - 1)) + i % kLineEntries];
  }

  // A record in the log: length of the piece and number of ids, 16 bits each; a long piece's bytes; the ids. Places
  // count all words ever written, so that what was written over is known by its age.
  bool is_live(const Entry& entry) const {
    return entry.count() != kInLog || static_cast<uint32_t>(entry.ids[0]) + kMostLog >= written_;
  }
  const int32_t* record(const Entry& entry) const {
    return &log_[static_cast<uint32_t>(entry.ids[0]) & (kMostLog - 1)];
  }
  static size_t words_of(std::string_view piece) { return piece.size() <= kShort ? 0 : (piece.size() + 3) / 4; }

  void make_table();
  void grow_table();
  void insert(const Entry& entry);
  int32_t write(std::string_view piece, std::span<const int32_t> ids);
  int32_t* reserve(size_t words);

  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
  template <class T>
  using Memory = std::unique_ptr<T[], Free>;
  template <class T>
  static Memory<T> allocate(size_t count);

  Memory<Entry> table_;
  int line_shift_ = 64 - kLeastBits;
  size_t filled_ = 0;  // entries
  uint32_t replaced_ = 0;
  Memory<int32_t> log_;
  size_t log_size_ = 0;   // words, a power of two
  uint64_t written_ = 0;  // words, those left out at the log's end included
};

inline PieceCache::Query PieceCache::query_short(const char* piece, size_t length) const {
  // Of the two words of a piece, by length.
  static constexpr std::array<std::array<uint64_t, 2>, kShort + 1> kMasks = [] {
    std::array<std::array<uint64_t, 2>, kShort + 1> masks{};
    for (size_t bytes = 0; bytes <= kShort; ++bytes)
      for (size_t byte = 0; byte < bytes; ++byte) masks[bytes][byte / 8] |= uint64_t{255} << 8 * (byte % 8);
    return masks;
  }();
  uint64_t words[2];
  std::memcpy(words, piece, sizeof(words));
  words[0] &= kMasks[length][0];
  words[1] = (words[1] & kMasks[length][1]) | uint64_t{length} << 56;
  return {words[0], words[1], line_of(words[0], words[1])};
}

}  // namespace heddle::text
