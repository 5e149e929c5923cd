#include "heddle/text/models/token_borders.h"

#include <algorithm>
#include <bit>

#include "heddle/text/utf8.h"

namespace heddle::text {

TokenBorders::TokenBorders(const std::vector<std::pair<std::string_view, int32_t>>& tokens) {
  std::vector<uint64_t> hashes;
  for (const auto& [token, value] : tokens) {
    int32_t left = -1;
    for (size_t at = 0; at < token.size();) {
      const CodePoint right = decode(token.data() + at);
      if (left >= 0) hashes.push_back(hash(left, right.value));
      left = right.value;
      at += static_cast<size_t>(right.length);
    }
  }
  std::ranges::sort(hashes);
  hashes.erase(std::ranges::unique(hashes).begin(), hashes.end());
  constexpr size_t kBitsEach = 16;
  const size_t bits = std::bit_ceil(std::max<size_t>(kBitsEach * hashes.size(), 64));
  bits_.assign(bits / 64, 0);
  shift_ = 64 - std::countr_zero(bits);
  for (const uint64_t hash : hashes) bits_[(hash >> shift_) / 64] |= uint64_t{1} << ((hash >> shift_) % 64);
}

}  // namespace heddle::text
