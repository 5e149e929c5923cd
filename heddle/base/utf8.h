#pragma once
// UTF-8: reading code points, and repairing bytes that are not UTF-8.

#include <cstdint>
#include <string>
#include <string_view>

namespace heddle {

struct CodePoint {
  int32_t value;  // -1: the bytes here are not UTF-8
  int length;     // bytes; of a broken sequence its maximal prefix (Unicode 15, section 3.9), at least 1
};

// The code point at text[at]; at < text.size().
CodePoint read_code_point(std::string_view text, size_t at);

void append_utf8(std::string& text, int32_t code_point);

bool is_valid_utf8(std::string_view text);

// Each broken sequence becomes one U+FFFD.
std::string repair_utf8(std::string_view text);

}  // namespace heddle
