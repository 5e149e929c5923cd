#pragma once
// Pieces of a language repeat: what they were turned into is remembered, per thread and per model, in bounded memory.

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::text {

// A table of a fixed number of places; a piece that finds its places taken goes unremembered until the table is
// emptied, which happens when the pool of ids is full. Pieces of up to 16 bytes with up to 3 ids lie in one cache line.
class PieceCache {
 public:
  static constexpr size_t kLongest = 16;  // bytes of a piece that is remembered

  PieceCache();

  // A piece as two words, zero-padded. `readable`: how many bytes after its begin may be read.
  struct Key {
    uint64_t low = 0, high = 0;
    bool operator==(const Key&) const = default;
  };
  static Key key_of(const char* piece, size_t length, size_t readable) {
    Key key;
    if (readable >= kLongest) [[likely]] {
      std::memcpy(&key, piece, kLongest);
      if (length <= 8) {
        key.low = length == 8 ? key.low : key.low & ((uint64_t{1} << 8 * length) - 1);
        key.high = 0;
      } else if (length < 16) {
        key.high &= (uint64_t{1} << (8 * length - 64)) - 1;
      }
    } else {
      std::memcpy(&key, piece, length);
    }
    return key;
  }

  struct Slot {
    Key key;
    uint8_t length = 0;  // of the piece; 0: empty
    uint8_t count = 0;   // of ids; above 3 they stand in the pool from ids[0] on
    int32_t ids[3];
  };
  // The place of a piece: the one that holds it, or an empty one, or nullptr where neither is near.
  Slot* find(const Key& key, size_t length) {
    const uint64_t mixed = (key.low ^ (key.high * 0x9E3779B97F4A7C15u) ^ length) * 0xD6E8FEB86659FD93u;
    Slot* slot = &slots_[mixed >> (64 - kBits)];
    for (int probe = 0; probe < kProbes; ++probe, ++slot)
      if (slot->length == 0 || (slot->key == key && slot->length == length)) return slot;
    return nullptr;
  }
  std::span<const int32_t> ids(const Slot& slot) const {
    return slot.count <= 3 ? std::span(slot.ids, slot.count)
                           : std::span(pool_).subspan(static_cast<size_t>(slot.ids[0]), slot.count);
  }
  // `slot` is an empty place that find() gave for the key.
  void remember(Slot* slot, const Key& key, size_t length, std::span<const int32_t> ids);

  // That of this thread for the owner with this number. A thread keeps those of the owners it met last.
  static PieceCache& of_thread(uint64_t owner);
  static uint64_t new_owner();

 private:
  static constexpr int kBits = 16, kProbes = 4;
  static constexpr size_t kPool = 1 << 18;  // ids

  std::unique_ptr<Slot[]> slots_;
  std::vector<int32_t> pool_;
};

}  // namespace heddle::text
