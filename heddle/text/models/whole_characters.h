#pragma once
// Characters of several bytes that byte-pair encoding makes one token of, whatever stands beside them: joining may
// begin with that token in place of the bytes.
//
// While the bytes of such a character are being joined, there is always a pair of them that has its turn before any
// pair across the character's borders; and its token goes into others only later than it is made. So what the rest
// does in the meantime does not matter to the character, nor the character to the rest.

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "heddle/text/models/merges.h"

namespace heddle::text {

class WholeCharacters {
 public:
  static constexpr uint32_t kNone = ~uint32_t{0};

  // `merges` holds `pairs`, in their order, which join the symbols of bytes.
  WholeCharacters(const std::array<int32_t, 256>& id_of_byte, const Merges& merges,
                  const std::vector<std::pair<int32_t, int32_t>>& pairs);

  // The token of U+0080 to U+FFFF; kNone: its bytes must be joined.
  uint32_t find(uint32_t code_point) const { return tokens_[code_point]; }

 private:
  std::vector<uint32_t> tokens_;  // by code point
};

}  // namespace heddle::text
