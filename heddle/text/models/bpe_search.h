#pragma once
// Byte-pair encoding without joining: the tokens of a piece are found from left to right, the longest first, and taken
// back where joining would have gone across their border. Linear in the piece, and mostly one look per token.
//
// Two tokens stay apart if, while joining makes them from their bytes, no pair across their border ever has its turn
// before the joins that go on at its two sides; a sequence is what joining gives exactly if every two neighbours stay
// apart. This needs merges in the order in which they were learned: the parts of a merge come before it.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/text/models/byte_trie.h"
#include "heddle/text/models/merges.h"

namespace heddle::text {

class BpeSearch {
 public:
  // `bytes` of the tokens by id; `merges` joins them, and holds `pairs`, by rank; id_of_byte are the symbols that
  // joining starts from. nullopt: the merges are in no order that a search can follow, or tokens are too long. `merges`
  // must outlive what this returns.
  static std::optional<BpeSearch> of(const std::vector<std::string>& bytes, const std::array<int32_t, 256>& id_of_byte,
                                     const Merges& merges, const std::vector<std::pair<int32_t, int32_t>>& pairs);

  // Appends what joining the bytes of `piece`, not empty, gives.
  void append_ids(std::string_view piece, std::vector<int32_t>& ids, const Merges& merges) const;
  uint32_t length(int32_t id) const { return nodes_[static_cast<size_t>(id)].length; }

 private:
  static constexpr int32_t kNone = -1;
  static constexpr size_t kLongest = 512;  // bytes of a token

  // A token: what it was joined from last, and the longest other token that it begins with.
  struct Node {
    int32_t left = kNone, right = kNone;
    int32_t rank = kNone;  // of that join; kNone: a byte
    int32_t shorter = kNone;
    uint32_t length = 0;  // 0: joining never gives this token
  };

  bool stay_apart(int32_t left, int32_t right, const Merges& merges) const;

  std::vector<Node> nodes_;  // by id
  ByteTrie trie_;            // of those that joining gives
};

}  // namespace heddle::text
