#include "heddle/text/json/base64.h"

#include "heddle/base/error.h"

namespace heddle::text {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string to_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t at = 0; at < bytes.size(); at += 3) {
    uint32_t three = 0;
    for (size_t i = 0; i < 3; ++i)
      three = three << 8 | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0u);
    for (size_t i = 0; i < 4; ++i) text += at + i <= bytes.size() ? kDigits[three >> (18 - 6 * i) & 63] : '=';
  }
  return text;
}

std::string from_base64(std::string_view text) {
  if (text.size() % 4 != 0) fail_input("base 64 comes in fours, not in {} characters", text.size());
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  const size_t end = std::min(text.find('='), text.size());
  if (text.size() - end > 2 || text.find_first_not_of('=', end) != std::string::npos)
    fail_input("base 64 has \"=\" only at its end");
  uint32_t bits = 0;
  for (size_t i = 0; i < end; ++i) {
    const size_t digit = kDigits.find(text[i]);
    if (digit == std::string_view::npos) fail_input("character {} is no base 64", i);
    bits = bits << 6 | static_cast<uint32_t>(digit);
    const size_t have = (i + 1) * 6 % 8;  // bits not yet written
    if (i % 4 != 0) bytes += static_cast<char>(bits >> have & 255);
  }
  return bytes;
}

std::string from_base64(const JsonView& json) {
  try {
    return from_base64(std::string_view(json.text()));
  } catch (const InputError& error) {
    json.fail("{}", error.what());
  }
}

}  // namespace heddle::text
