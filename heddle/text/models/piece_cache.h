#pragma once
// Pieces of a language repeat: what they were turned into is remembered, per thread and per model, in bounded memory.

#include <xxhash.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::text {

// A table that doubles as it fills, up to kMostBits; from then on what comes takes the place of what was there. Pieces
// of up to 16 bytes lie in it themselves, with up to 3 ids in 32 bytes; longer ones and more ids lie in a pool. When
// that is full, everything is forgotten.
class PieceCache {
 public:
  static constexpr size_t kLongest = 128;  // bytes of a piece that is remembered
  static constexpr size_t kInline = 16;    // bytes of one that lies in the table

  PieceCache() { clear(); }

  // A piece of up to kInline bytes as two words, zero-padded; of a longer one a hash.
  struct Key {
    uint64_t low = 0, high = 0;
    bool operator==(const Key&) const = default;
  };
  // `readable`: how many bytes from its begin on may be read; length <= kLongest.
  static Key key_of(const char* piece, size_t length, size_t readable) {
    Key key;
    if (length > kInline) [[unlikely]]
      return {XXH3_64bits(piece, length), 0};
    if (readable < kInline) [[unlikely]] {
      std::memcpy(&key, piece, length);
      return key;
    }
    std::memcpy(&key, piece, kInline);
    key.low &= kMasks[length][0];
    key.high &= kMasks[length][1];
    return key;
  }

  struct Slot {
    Key key;
    uint8_t length = 0;  // of the piece; 0: empty
    uint8_t count = 0;   // of ids; above 3, or for a long piece, they stand in the pool from ids[0] on
    int32_t ids[3] = {};
  };
  static constexpr size_t kInlineIds = 3;

  // Where to look for a key: a number for find() and prefetch(), good until the next remember().
  size_t place(const Key& key, size_t length) const {
    return ((key.low ^ (key.high * 0x9E3779B97F4A7C15u) ^ length) * 0xD6E8FEB86659FD93u) >> shift_;
  }
  void prefetch(size_t place) const { __builtin_prefetch(&slots_[place]); }
  // The slot that holds the piece; nullptr: none does.
  const Slot* find(size_t place, const Key& key, std::string_view piece) const {
    const Slot* slot = &slots_[place];
    for (int probe = 0; probe < kProbes; ++probe, ++slot)
      if (slot->key == key && slot->length == piece.size()) [[likely]] {
        if (piece.size() <= kInline || is_in_pool(*slot, piece)) [[likely]]
          return slot;
      }
    return nullptr;
  }
  bool has_inline_ids(const Slot& slot) const { return slot.count <= kInlineIds && slot.length <= kInline; }
  std::span<const int32_t> ids(const Slot& slot) const {
    return has_inline_ids(slot) ? std::span(slot.ids, slot.count)
                                : std::span(pool_).subspan(static_cast<size_t>(slot.ids[0]), slot.count);
  }
  // A piece that find() did not find; not empty, up to kLongest bytes.
  void remember(const Key& key, std::string_view piece, std::span<const int32_t> ids);

  // That of this thread for the owner with this number. A thread keeps those of the owners it met last.
  static PieceCache& of_thread(uint64_t owner);
  static uint64_t new_owner();

 private:
  static constexpr int kLeastBits = 12, kMostBits = 19, kProbes = 4;  // of the number of slots: 128 KiB to 16 MiB
  static constexpr size_t kMostPool = size_t{4} << 20;                // ids: 16 MiB

  // Of the two words of a key, by length.
  static constexpr std::array<std::array<uint64_t, 2>, kInline + 1> kMasks = [] {
    std::array<std::array<uint64_t, 2>, kInline + 1> masks{};
    for (size_t length = 0; length <= kInline; ++length)
      for (size_t byte = 0; byte < length; ++byte) masks[length][byte / 8] |= uint64_t{255} << 8 * (byte % 8);
    return masks;
  }();

  bool is_in_pool(const Slot& slot, std::string_view piece) const {
    return std::memcmp(pool_.data() + slot.ids[1], piece.data(), piece.size()) == 0;
  }
  size_t capacity() const { return size_t{1} << (64 - shift_); }
  void clear();
  void grow();
  Slot& free_slot(const Key& key, size_t length);

  struct Free {
    void operator()(Slot* slots) const { std::free(slots); }
  };
  static std::unique_ptr<Slot[], Free> empty_slots(size_t count);

  std::unique_ptr<Slot[], Free> slots_;
  int shift_ = 0;      // 64 less the bits
  size_t filled_ = 0;  // slots
  std::vector<int32_t> pool_;
};

}  // namespace heddle::text
