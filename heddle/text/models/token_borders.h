#pragma once
// Places in a text that no token of a vocabulary goes across, seen from the two code points beside them. Text between
// such places can be cut into tokens by itself.

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace heddle::text {

class TokenBorders {
 public:
  TokenBorders() = default;  // of no tokens: a border everywhere
  // Tokens are valid UTF-8; their values do not matter.
  explicit TokenBorders(const std::vector<std::pair<std::string_view, int32_t>>& tokens);

  // Whether no token holds these two side by side. Of those that none holds a few in a hundred are not known.
  bool is_border(int32_t left, int32_t right) const {
    const uint64_t bit = hash(left, right) >> shift_;
    return (bits_[bit / 64] >> (bit % 64) & 1) == 0;
  }

 private:
  static uint64_t hash(int32_t left, int32_t right) {
    return (static_cast<uint64_t>(left) << 32 | static_cast<uint64_t>(right)) * 0x9E3779B97F4A7C15u;
  }

  std::vector<uint64_t> bits_ = std::vector<uint64_t>(1);  // by hash: some token holds such a pair
  int shift_ = 58;
};

}  // namespace heddle::text
