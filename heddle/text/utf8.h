#pragma once
// The names of heddle/base/utf8.h for those who work with text, and what is quicker on text known to be valid.

#include <algorithm>
#include <cstring>

#include "heddle/base/utf8.h"

namespace heddle::text {

using heddle::append_utf8;
using heddle::CodePoint;
using heddle::is_valid_utf8;
using heddle::read_code_point;
using heddle::repair_utf8;

inline bool is_continuation(char c) { return (c & 0xC0) == 0x80; }

// The code point at `at`, where valid UTF-8 has one.
inline CodePoint decode(const char* at) {
  const auto byte = [at](int i) { return static_cast<int32_t>(static_cast<unsigned char>(at[i])); };
  const int32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  if (lead < 0xE0) return {(lead & 0x1F) << 6 | (byte(1) & 0x3F), 2};
  if (lead < 0xF0) return {(lead & 0xF) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
  return {(lead & 7) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F), 4};
}

// The code point that ends before text[end] of valid UTF-8; end > 0.
inline CodePoint decode_before(std::string_view text, size_t end) {
  size_t begin = end - 1;
  while (begin > 0 && is_continuation(text[begin])) --begin;
  return decode(text.data() + begin);
}

inline int utf8_length(int32_t c) { return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4; }

inline size_t count_code_points(std::string_view text) {
  return text.size() - static_cast<size_t>(std::ranges::count_if(text, is_continuation));
}

// The length of the longest prefix that is ASCII.
inline size_t ascii_prefix(std::string_view text) {
  size_t at = 0;
  for (uint64_t word; at + sizeof(word) <= text.size(); at += sizeof(word)) {
    std::memcpy(&word, text.data() + at, sizeof(word));
    if (word & 0x8080808080808080u) break;
  }
  while (at < text.size() && static_cast<signed char>(text[at]) >= 0) ++at;
  return at;
}

}  // namespace heddle::text
