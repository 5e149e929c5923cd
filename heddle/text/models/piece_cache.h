#pragma once
// Pieces of a language repeat: what they were turned into is remembered, for all threads together, in bounded memory.
//
// A hash table of entries of half a cache line holds short pieces of few ids whole, so that one look at one line is all
// that most pieces cost. What is longer lies in a log, whose newest records take the place of the oldest, and its entry
// says where. At most 32 MiB of table and 32 of log.
//
// Nobody waits for another. Who reads an entry sees by its version whether someone wrote it meanwhile, and then does
// not know the piece (a sequence lock; Boehm 2012, "Can seqlocks get along with programming language memory models?").
// One thread writes at a time; who comes while it does, does without. What a writer changes has to come from the
// processor that wrote before, which takes half as long as joining a short piece: so who has several pieces to remember
// brings them together.

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <span>
#include <string_view>

#include "heddle/text/models/reserved_memory.h"

namespace heddle::text {

class PieceCache {
 public:
  static constexpr size_t kLongest = 512;  // bytes of a piece that is remembered, and its ids
  static constexpr size_t kShort = 15;     // bytes of a piece that is its own key
  static constexpr size_t kFewIds = 6;     // as many as an entry holds at most

  PieceCache();

  // What a piece is looked for by. Its key: the bytes of a short one, zero-padded, with its length in the last; of a
  // longer one a hash, and kLong in the last byte. At first the key of nothing, which is not known.
  struct Query {
    uint64_t low = 0, high = 1;
    uint32_t line = 0;  // of the table, where the search begins; tables never shrink
  };
  // 0 < length <= kLongest.
  Query query(std::string_view piece) const;
  // The same for a short piece behind whose begin kShort + 1 bytes may be read.
  Query query_short(const char* piece, size_t length) const;

  // Writes the ids of a piece if its entry holds them all and stands where the search begins; how many, 0: find() may
  // know more. All of ids[0, kFewIds] may be written over.
  size_t near(const Query& query, int32_t* ids) const {
    const Entry* entry = &table_[kLineEntries * query.line];
    entry += load(entry->low) != query.low;  // without a branch, that would go either way
    const Seen seen = see(*entry);
    seen.write(ids);
    if (!seen.is_of(query)) return 0;
    if (seen.count() > kWideIds) [[unlikely]]
      return seen.count() <= kFewIds ? seen.write_narrow(ids) : 0;
    return seen.count();
  }
  // Writes the ids of a piece; how many, 0: it is not known. All of ids[0, kLongest) may be written over.
  size_t find(const Query& query, std::string_view piece, int32_t* ids) const;
  // The ids, at least one, of a piece that find() did not find.
  struct Learned {
    Query query;
    std::string_view piece;
    std::span<const int32_t> ids;
  };
  // False: another thread is writing, and nothing was remembered.
  bool remember(std::span<const Learned> all);

  // Memory on its way to the processor: what near() reads; and what find() reads where that is not enough, which itself
  // reads the former.
  void prefetch(const Query& query) const { __builtin_prefetch(&table_[kLineEntries * query.line]); }
  void prefetch_more(const Query& query) const;

 private:
  static constexpr int kLeastBits = 9, kMostBits = 19;  // of the number of lines: up to 32 MiB
  static constexpr size_t kLineEntries = 2;             // entries of a cache line
  static constexpr size_t kLines = 8;                   // that are searched for a piece
  static constexpr size_t kMostLog = 1 << 22;           // words of 8 bytes: up to 32 MiB
  static constexpr size_t kWideIds = 3;                 // that an entry holds in 32 bits each; more of them in 16
  static constexpr uint32_t kEmpty = 0, kInLog = 255;   // in place of the number of ids
  static constexpr uint64_t kLong = uint64_t{0xFF} << 56;

  static bool fit_entry(std::span<const int32_t> ids);

  // `first` holds two ids, or the place of a record in the log; `last` the third id, and above it their number in eight
  // bits and in 24 the version. If there are more than three ids, the bits of three are those of six.
  struct Entry {
    uint64_t low, high, first, last;
  };
  // What of an entry was read at one time; of nothing, if someone wrote it meanwhile.
  struct Seen : Entry {
    uint32_t count() const { return last >> 32 & 255; }
    bool is_of(const Query& query) const { return ((low ^ query.low) | (high ^ query.high)) == 0; }
    void write(int32_t* ids) const {
      std::memcpy(ids, &first, sizeof(first));
      std::memcpy(ids + 2, &last, sizeof(last));
    }
    size_t write_narrow(int32_t* ids) const {
      for (size_t i = 0; i < kFewIds; ++i) ids[i] = static_cast<uint16_t>((i < 4 ? first : last) >> 16 * (i % 4));
      return count();
    }
  };

  template <class T>
  static T load(T& word) {
    return std::atomic_ref(word).load(std::memory_order_acquire);
  }
  template <class T>
  static T load(const T& word) {
    return load(const_cast<T&>(word));
  }
  template <class T>
  static void store(T& word, T value) {
    std::atomic_ref(word).store(value, std::memory_order_release);
  }
  static Seen see(const Entry& entry) {
    const uint64_t last = load(entry.last);
    const Seen seen = {{load(entry.low), load(entry.high), load(entry.first), last}};
    return load(entry.last) == last ? seen : Seen{};
  }

  uint32_t line_of(uint64_t low, uint64_t high) const {
    return static_cast<uint32_t>((low * 0x9E3779B97F4A7C15u + high * 0xD6E8FEB86659FD93u) >>
                                 line_shift_.load(std::memory_order_relaxed));
  }
  size_t lines() const { return size_t{1} << (64 - line_shift_.load(std::memory_order_relaxed)); }
  size_t entries() const { return kLineEntries * lines(); }
  // The i-th entry where a piece may stand, in the order in which they fill.
  Entry& entry(uint32_t line, size_t i) const {
    return table_[kLineEntries * ((line + i / kLineEntries) & (lines() - 1)) + i % kLineEntries];
  }

  // A record in the log: length of the piece and number of ids; a long piece's bytes; the ids by two. Places count all
  // words ever written, so that what was written over is known by its age.
  bool is_live(const Seen& seen) const {
    return seen.count() != kInLog || seen.first + kMostLog >= written_.load(std::memory_order_relaxed);
  }
  uint64_t* record(uint64_t place) const { return &log_[place & (kMostLog - 1)]; }
  static size_t words_of(std::string_view piece) { return piece.size() <= kShort ? 0 : (piece.size() + 7) / 8; }
  static uint64_t word_of(std::string_view piece, size_t i) {  // with zeros behind the piece's end
    uint64_t word = 0;
    if (8 * i + 8 <= piece.size()) std::memcpy(&word, piece.data() + 8 * i, 8);
    else std::memcpy(&word, piece.data() + 8 * i, piece.size() - 8 * i);
    return word;
  }
  size_t read(uint64_t place, std::string_view piece, int32_t* ids) const;

  // Of the thread that holds `writer_`.
  void add(const Learned& learned);
  Entry* room_for(uint64_t low, uint64_t high, bool& is_known);
  static void empty(Entry& entry);
  static void fill(Entry& entry, const Seen& filling);
  void move(const Seen& moved);
  void grow_table();
  uint64_t write(std::string_view piece, std::span<const int32_t> ids);

  ReservedMemory<Entry> table_{kLineEntries << kMostBits};
  ReservedMemory<uint64_t> log_{kMostLog};
  std::atomic<int> line_shift_{64 - kLeastBits};
  // Apart from what is read for every piece.
  alignas(64) std::atomic<uint64_t> written_{0};  // words, those left out at the log's end included
  std::mutex writer_;
  size_t filled_ = 0;  // entries
  uint32_t replaced_ = 0;
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
