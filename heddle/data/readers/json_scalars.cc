#include "heddle/data/readers/json_scalars.h"

#include <array>
#include <charconv>
#include <cstring>

namespace heddle::data {
namespace {

constexpr std::array<bool, 256> kEndsScalar = [] {
  std::array<bool, 256> ends{};
  for (const unsigned char c : std::string_view(" \t\n\r,]}")) ends[c] = true;
  return ends;
}();

bool ends_scalar(char c) { return kEndsScalar[static_cast<unsigned char>(c)]; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Behind "\u" at string[at]; -1: these are no four digits.
int32_t code_unit(std::string_view string, size_t at) {
  int32_t value = 0;
  if (at + 4 > string.size()) return -1;
  const char* const end = string.data() + at + 4;
  const auto [stop, error] = std::from_chars(string.data() + at, end, value, 16);
  return error == std::errc() && stop == end && string[at] != '-' ? value : -1;
}

}  // namespace

JsonVerdict judge_json_number(const char* at) {
  constexpr std::ptrdiff_t kSafeDigits = 18;  // any integer of so few fits
  at += *at == '-';
  const char* const first = at;
  while (is_digit(*at)) ++at;
  if (at == first || (*first == '0' && at - first > 1)) return JsonVerdict::wrong;
  bool doubtful = at - first > kSafeDigits;
  if (*at == '.') {
    const char* const point = at++;
    while (is_digit(*at)) ++at;
    if (at - point == 1) return JsonVerdict::wrong;
  }
  if ((*at | 0x20) == 'e') {
    at += at[1] == '+' || at[1] == '-' ? 2 : 1;
    const char* const exponent = at;
    while (is_digit(*at)) ++at;
    if (at == exponent) return JsonVerdict::wrong;
    doubtful = true;
  }
  if (!ends_scalar(*at)) return JsonVerdict::wrong;
  return doubtful ? JsonVerdict::doubtful : JsonVerdict::right;
}

bool is_json_word(const char* begin) {
  const auto is = [&](std::string_view word) {
    return std::memcmp(begin, word.data(), word.size()) == 0 && ends_scalar(begin[word.size()]);
  };
  return *begin == 't' ? is("true") : *begin == 'f' ? is("false") : is("null");
}

JsonVerdict judge_json_string(std::string_view string) {
  for (size_t at = string.find('\\'); at != std::string_view::npos; at = string.find('\\', at + 2)) {
    const char letter = string[at + 1];
    if (letter != 'u') {
      if (std::string_view("\"\\/bfnrt").find(letter) == std::string_view::npos) return JsonVerdict::wrong;
      continue;
    }
    const int32_t unit = code_unit(string, at + 2);
    if (unit < 0) return JsonVerdict::wrong;
    if (unit < 0xD800 || unit >= 0xE000) continue;
    const int32_t low = string.substr(at + 6).starts_with("\\u") ? code_unit(string, at + 8) : -1;
    if (unit >= 0xDC00 || low < 0xDC00 || low >= 0xE000) return JsonVerdict::doubtful;  // half of a pair
    at += 6;
  }
  return JsonVerdict::right;
}

}  // namespace heddle::data
