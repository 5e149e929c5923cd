#pragma once
// Pieces of a language repeat: what they were turned into is remembered, per thread and per model, in bounded memory.
//
// Records of a piece and its ids follow each other in a log; when it is full, the newest takes the place of the oldest.
// An index, a hash table of places in the log, finds them. Short pieces of few ids that were met last lie beside that
// in a small table that stays in the processor's cache: a few thousand words are most of any text. At most 64 MiB of
// log, 16 of index, and half of one of recent pieces.

#include <xxhash.h>

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
  static constexpr size_t kShort = 16;     // bytes of a piece that is compared as two words
  static constexpr size_t kFewIds = 3;     // as many as a recent piece may have

  PieceCache() { clear(); }

  // A piece to look for: up to kShort bytes of it are two words, zero-padded; of a longer one `low` is a hash.
  struct Query {
    uint64_t low, high, hash;
    const char* piece;
    uint32_t length;  // 0: of nothing

    bool is_short() const { return length <= kShort; }
  };
  // `readable`: how many bytes from its begin on may be read; 0 < length <= kLongest.
  static Query query(const char* piece, size_t length, size_t readable);

  // A piece met lately, if its ids are few.
  struct Recent {
    uint64_t low, high;
    uint8_t length, count;  // length 0: none
    int32_t ids[kFewIds];
  };
  // nullptr: it was not; then find() may know more.
  const Recent* recent(const Query& query) const {
    const Recent& found = recent_[query.hash & recent_mask_];
    return found.low == query.low && found.high == query.high && found.length == query.length ? &found : nullptr;
  }
  // The ids, good until the next call of remember(); nothing for a piece that is not known. A short piece of few ids
  // becomes a recent one.
  std::span<const int32_t> find(const Query& query);
  // A piece that find() did not find, with at least one id.
  void remember(const Query& query, std::span<const int32_t> ids);

  // Memory on its way to the processor: what recent() reads; what find() reads first; and what it reads then, which
  // itself reads the former.
  void prefetch_recent(const Query& query) const { __builtin_prefetch(&recent_[query.hash & recent_mask_]); }
  void prefetch_index(const Query& query) const { __builtin_prefetch(&index_[first_place(tag_of(query))]); }
  void prefetch_record(const Query& query) const;

  // That of this thread for the owner with this number. A thread keeps those of the four owners it met last.
  static PieceCache& of_thread(uint64_t owner);
  static uint64_t new_owner();

 private:
  static constexpr int kLeastBits = 10, kMostBits = 21;             // of the number of index entries: up to 16 MiB
  static constexpr int kMostRecentBits = 14;                        // 512 KiB
  static constexpr size_t kLeastLog = 1 << 14, kMostLog = 1 << 24;  // words: up to 64 MiB
  static constexpr size_t kGroup = 8;                               // entries of a cache line, all that is searched

  // An index entry. Places count all words ever written, so that what was written over is known by its age.
  struct Entry {
    uint32_t tag, place;  // place 0: empty
  };
  // A record in the log: length of the piece and number of ids, 16 bits each; the piece, a short one as two words of 64
  // bits; the ids.
  static size_t piece_words(const Query& query) { return query.is_short() ? 4 : (query.length + 3) / 4; }

  static uint32_t tag_of(const Query& query) { return static_cast<uint32_t>(query.hash >> 32); }
  size_t first_place(uint32_t tag) const { return tag >> index_shift_; }
  bool is_live(const Entry& entry) const { return entry.place != 0 && entry.place + kMostLog >= written_; }
  const int32_t* record(uint32_t place) const { return &log_[place & (kMostLog - 1)]; }
  static bool holds(const int32_t* record, const Query& query);
  // The i-th entry where a tag may stand, in the order in which they fill.
  Entry& entry(uint32_t tag, size_t i) const {
    const size_t first = first_place(tag);
    return index_[(first & ~(kGroup - 1)) | ((first + i) & (kGroup - 1))];
  }

  void clear();
  void grow_index();
  void insert(const Entry& entry);
  int32_t* reserve(size_t words);
  void become_recent(const Query& query, std::span<const int32_t> ids);

  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
  template <class T>
  using Memory = std::unique_ptr<T[], Free>;
  template <class T>
  static Memory<T> allocate(size_t count);
  template <class T>
  static Memory<T> zeros(size_t count);

  Memory<Recent> recent_;
  size_t recent_mask_ = 0;
  Memory<Entry> index_;
  int index_shift_ = 0;  // 32 less the bits
  size_t filled_ = 0;    // entries
  Memory<int32_t> log_;
  size_t log_size_ = 0;   // words, a power of two
  uint64_t written_ = 0;  // words, those left out at the log's end included
};

inline PieceCache::Query PieceCache::query(const char* piece, size_t length, size_t readable) {
  // Of the two words of a short piece, by length.
  static constexpr std::array<std::array<uint64_t, 2>, kShort + 1> kMasks = [] {
    std::array<std::array<uint64_t, 2>, kShort + 1> masks{};
    for (size_t bytes = 0; bytes <= kShort; ++bytes)
      for (size_t byte = 0; byte < bytes; ++byte) masks[bytes][byte / 8] |= uint64_t{255} << 8 * (byte % 8);
    return masks;
  }();
  uint64_t words[2] = {};
  if (length > kShort) [[unlikely]] {
    words[0] = XXH3_64bits(piece, length);
  } else if (readable < kShort) [[unlikely]] {
    std::memcpy(words, piece, length);
  } else {
    std::memcpy(words, piece, kShort);
    words[0] &= kMasks[length][0];
    words[1] &= kMasks[length][1];
  }
  const uint64_t mixed = ((words[0] ^ words[0] >> 32) * 0x9E3779B97F4A7C15u ^ words[1]) * 0xD6E8FEB86659FD93u;
  return {words[0], words[1], mixed ^ mixed >> 32, piece, static_cast<uint32_t>(length)};
}

}  // namespace heddle::text
