#pragma once
// Byte-pair encoding (Sennrich et al. 2016): symbols of a word are joined pair by pair, the earliest
// learned merge first, leftmost first.

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace heddle::text {

// Joining (left, right) gives the token `joined`; a lower rank goes first.
struct Merge {
  int32_t rank;
  int32_t joined;
};

class Bpe {
 public:
  // Of two merges of one pair the later counts, as in the `tokenizers` library.
  void add_merge(int32_t left, int32_t right, int32_t rank, int32_t joined) {
    merges_.insert_or_assign(key(left, right), Merge{rank, joined});
  }
  size_t merge_count() const { return merges_.size(); }

  // The word's symbols, joined as far as they go, in place. O(n log n).
  void apply(std::vector<int32_t>& symbols) const;

 private:
  static uint64_t key(int32_t left, int32_t right) {
    return static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32 | static_cast<uint32_t>(right);
  }
  const Merge* find(int32_t left, int32_t right) const {
    const auto found = merges_.find(key(left, right));
    return found == merges_.end() ? nullptr : &found->second;
  }

  std::unordered_map<uint64_t, Merge> merges_;
};

}  // namespace heddle::text
