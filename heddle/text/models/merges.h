#pragma once
// The merges of byte-pair encoding: which pairs of symbols join, in which order, and joining them.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "heddle/base/random.h"
#include "heddle/text/models/pair_hash.h"

namespace heddle::text {

// A run of a piece's bytes that is a token.
struct Symbol {
  int32_t id;
  uint32_t length;  // bytes of the piece
};

class Merges {
 public:
  // Joining (left, right) gives `joined`. Earlier ranks go first; of two merges of one pair the later counts.
  void add(int32_t left, int32_t right, int32_t rank, int32_t joined);

  // Joins the symbols of one piece as far as they go, in place. O(n log n), O(n²) with a small factor for short pieces.
  void apply(std::vector<Symbol>& symbols) const;
  // The same, but each merge that comes up is passed over with a chance of `dropout`, until another was made (Provilkov
  // et al. 2020).
  void apply(std::vector<Symbol>& symbols, double dropout, RandomStream& random) const;
  // Tells of each pair that could join, when it comes to stand side by side.
  using Saw = std::function<void(int32_t left, int32_t right, int32_t joined)>;
  void apply(std::vector<Symbol>& symbols, const Saw& saw) const;

  struct Merge {
    int32_t left = -1, right = -1;
    int32_t rank, joined;
  };
  // nullptr: the two do not join. Most pairs that are asked for do not, which a few bits tell.
  const Merge* find(int32_t left, int32_t right) const {
    const uint64_t mixed = mix(left, right), bits = filter_bits(mixed);
    if ((filter_[mixed >> filter_shift_] & bits) != bits) return nullptr;
    for (size_t at = mixed & mask_;; at = (at + 1) & mask_) {
      const Merge& merge = slots_[at];
      if (merge.left == left && merge.right == right) return &merge;
      if (merge.left < 0) return nullptr;
    }
  }

 private:
  static constexpr int kLeastBits = 6,
                       kFilterBits = 3;  // of the number of slots; bits of the filter for each, as a power

  static uint64_t mix(int32_t left, int32_t right) {
    return hash_pair(static_cast<uint32_t>(left), static_cast<uint32_t>(right));
  }
  // Two bits of a word for each pair, that the filter passes over few others.
  static uint64_t filter_bits(uint64_t mixed) {
    return uint64_t{1} << (mixed >> 32 & 63) | uint64_t{1} << (mixed >> 26 & 63);
  }
  void grow();
  template <class PassesOver>
  void apply_to(std::vector<Symbol>& symbols, PassesOver passes_over) const;
  template <class PassesOver>
  void apply_short(std::vector<Symbol>& symbols, PassesOver passes_over) const;
  template <class PassesOver>
  void apply_by_queue(std::vector<Symbol>& symbols, PassesOver passes_over, const Saw* saw = nullptr) const;

  std::vector<Merge> slots_ = std::vector<Merge>(size_t{1} << kLeastBits);  // a power of two, at most half full
  size_t mask_ = (size_t{1} << kLeastBits) - 1, count_ = 0;
  std::vector<uint64_t> filter_ = std::vector<uint64_t>(size_t{1} << (kLeastBits + kFilterBits - 6));
  int filter_shift_ = 64 - (kLeastBits + kFilterBits - 6);
};

}  // namespace heddle::text
