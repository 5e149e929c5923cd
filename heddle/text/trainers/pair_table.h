#pragma once
// How often pairs of neighbouring symbols stand in a corpus, and in which words: a hash table made for millions of
// pairs that come and go.

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace heddle::text {

using SymbolPair = std::pair<int32_t, int32_t>;

class PairTable {
 public:
  struct Entry {
    SymbolPair pair = {-1, -1};
    int64_t count = 0;
    uint32_t* words = nullptr;  // where it may stand
    uint32_t number = 0;        // of those words

    std::span<const uint32_t> all_words() const { return {words, number}; }
  };

  // nullptr: it is not there. Entries move when others come or go.
  Entry* find(SymbolPair pair);
  Entry& find_or_add(SymbolPair pair);
  void erase(SymbolPair pair);
  size_t size() const { return count_; }
  template <class Use>
  void each(Use&& use) const {
    for (const Entry& slot : slots_)
      if (slot.pair.first >= 0) use(slot);
  }

  // Room for `number` more words behind those that an entry has: the place of the first.
  uint32_t* add_words(Entry& entry, uint32_t number);

 private:
  static constexpr size_t kBlock = 1 << 20;  // words held together

  size_t home(SymbolPair pair) const {
    const uint64_t key =
        static_cast<uint64_t>(static_cast<uint32_t>(pair.first)) << 32 | static_cast<uint32_t>(pair.second);
    return static_cast<size_t>((key * 0x9E3779B97F4A7C15u) >> 32) & mask_;
  }
  size_t place(SymbolPair pair) const;  // of the pair, or the free one where it would be
  void grow();
  uint32_t* allot(size_t number);

  std::vector<Entry> slots_;  // a power of two, at most five eighths full
  size_t mask_ = 0, count_ = 0;
  std::vector<std::unique_ptr<uint32_t[]>> blocks_;
  size_t used_ = kBlock;  // of the last block
};

}  // namespace heddle::text
