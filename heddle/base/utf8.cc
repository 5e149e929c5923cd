#include "heddle/base/utf8.h"

#include <simdjson.h>

namespace heddle {
namespace {

struct Lead {
  int length;
  int32_t bits;
  unsigned char low, high;  // range of the second byte
};

// Table 3-7 of the Unicode standard: which second bytes each lead byte allows.
Lead lead_of(unsigned char c) {
  if (c < 0x80) return {1, c, 0, 0};
  if (c >= 0xC2 && c <= 0xDF) return {2, c & 0x1F, 0x80, 0xBF};
  if (c == 0xE0) return {3, 0, 0xA0, 0xBF};
  if (c == 0xED) return {3, 0xD, 0x80, 0x9F};
  if (c >= 0xE1 && c <= 0xEF) return {3, c & 0xF, 0x80, 0xBF};
  if (c == 0xF0) return {4, 0, 0x90, 0xBF};
  if (c == 0xF4) return {4, 4, 0x80, 0x8F};
  if (c >= 0xF1 && c <= 0xF3) return {4, c & 7, 0x80, 0xBF};
  return {0, 0, 0, 0};
}

}  // namespace

CodePoint read_code_point(std::string_view text, size_t at) {
  const Lead lead = lead_of(static_cast<unsigned char>(text[at]));
  if (lead.length == 0) return {-1, 1};
  int32_t value = lead.bits;
  for (int i = 1; i < lead.length; ++i) {
    if (at + static_cast<size_t>(i) >= text.size()) return {-1, i};
    const auto c = static_cast<unsigned char>(text[at + static_cast<size_t>(i)]);
    const bool fits = i == 1 ? c >= lead.low && c <= lead.high : (c & 0xC0) == 0x80;
    if (!fits) return {-1, i};
    value = value << 6 | (c & 0x3F);
  }
  return {value, lead.length};
}

void append_utf8(std::string& text, int32_t c) {
  const auto tail = [c](int shift) { return static_cast<char>(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x80) text += static_cast<char>(c);
  else if (c < 0x800) text.append({static_cast<char>(0xC0 | c >> 6), tail(0)});
  else if (c < 0x10000) text.append({static_cast<char>(0xE0 | c >> 12), tail(6), tail(0)});
  else text.append({static_cast<char>(0xF0 | c >> 18), tail(12), tail(6), tail(0)});
}

bool is_valid_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

std::string repair_utf8(std::string_view text) {
  std::string repaired;
  repaired.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const CodePoint point = read_code_point(text, at);
    if (point.value < 0) repaired += "\xEF\xBF\xBD";
    else repaired.append(text, at, static_cast<size_t>(point.length));
    at += static_cast<size_t>(point.length);
  }
  return repaired;
}

}  // namespace heddle
