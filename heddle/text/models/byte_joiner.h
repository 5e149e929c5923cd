#pragma once
// Byte-pair encoding of short pieces by its definition: the pair of the lowest rank joins, the leftmost of equal ones,
// until none does.
//
// What that costs is waiting: for memory, since pairs are asked for all over, and for branches that go either way. So
// pairs lie in a small table in which no two want the same slot (hash and displace, Pagh 1999), asked without a branch;
// and characters of several bytes begin as one symbol where that comes to the same.

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "heddle/text/models/merges.h"
#include "heddle/text/models/whole_characters.h"

namespace heddle::text {

class ByteJoiner {
 public:
  static constexpr size_t kMostSymbols = 62;  // that joining starts from

  // `pairs` are what `merges` joins; id_of_byte the symbols that joining starts from. nullopt: these are too many, or
  // pairs of one rank give different tokens.
  static std::optional<ByteJoiner> of(const std::array<int32_t, 256>& id_of_byte, const Merges& merges,
                                      std::vector<std::pair<int32_t, int32_t>> pairs);

  // Appends the tokens of a piece, not empty. False, and nothing is appended: it is too long, or no UTF-8.
  bool append_ids(std::string_view piece, std::vector<int32_t>& ids) const;

 private:
  static constexpr int kIdBits = 21, kRankBits = 64 - 2 * kIdBits;
  static constexpr uint32_t kNoId = (1 << kIdBits) - 1;
  static constexpr int kPlaceBits = 6;
  static constexpr uint32_t kNever = (uint32_t{1} << (32 - kPlaceBits)) - 1;  // a rank above all others

  // The symbols of a piece at 1 and up, and the keys of their pairs.
  struct Work {
    uint32_t symbols[kMostSymbols + 2], keys[kMostSymbols + 6];
    uint32_t size;
  };

  ByteJoiner(const std::array<int32_t, 256>& id_of_byte, WholeCharacters characters)
      : characters_(std::move(characters)) {
    std::ranges::copy(id_of_byte, id_of_byte_.begin());
  }

  static uint64_t pair(uint32_t left, uint32_t right) { return uint64_t{left} << kIdBits | right; }
  size_t group(uint64_t hash) const { return hash >> group_shift_; }
  size_t slot(uint64_t hash, uint32_t shift) const {
    const auto mixed = static_cast<uint32_t>(hash) + shift * (static_cast<uint32_t>(hash >> 24) | 1);
    return uint64_t{mixed} * slots_.size() >> 32;
  }
  struct Ranked {
    uint32_t left, right, rank;
  };
  bool place_pairs(const std::vector<Ranked>& pairs);
  uint32_t rank(uint32_t left, uint32_t right) const {
    const uint64_t wanted = pair(left, right), hashed = hash_pair(left, right);
    const uint64_t found = slots_[slot(hashed, shifts_[group(hashed)])];
    const uint32_t missed = -static_cast<uint32_t>(found >> kRankBits != wanted);
    return (static_cast<uint32_t>(found & ((uint64_t{1} << kRankBits) - 1)) | missed) & kNever;
  }

  // A merge by its rank and the place of its left symbol, so that the least is the next.
  static uint32_t key(uint32_t rank, uint32_t at) { return rank << kPlaceBits | at; }
  void read_bytes(std::string_view piece, Work& work) const;
  bool read_characters(std::string_view piece, Work& work) const;
  void join(Work& work, std::vector<int32_t>& ids) const;

  WholeCharacters characters_;
  std::array<uint32_t, 256> id_of_byte_;
  std::vector<uint32_t> first_ranks_;  // of two bytes
  std::vector<uint32_t> joined_;       // by rank
  std::vector<uint64_t> slots_;        // pairs and, below, ranks
  std::vector<uint16_t> shifts_;       // of the pairs of a group: what makes their slots differ from all others
  int group_shift_ = 0;
};

}  // namespace heddle::text
