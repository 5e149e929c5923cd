#include "heddle/text/decoders/bytes.h"

#include "heddle/text/byte_level.h"
#include "heddle/text/utf8.h"

namespace heddle::text {
namespace {

// The bytes of a token; itself if one of its characters stands for none.
std::string bytes_of(const std::string& token) {
  for (size_t at = 0; at < token.size();) {
    const CodePoint point = text::decode(token.data() + at);
    if (byte_of_character(point.value) < 0) return token;
    at += static_cast<size_t>(point.length);
  }
  return characters_to_bytes(token);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

int byte_of_fallback(std::string_view token) {
  if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>') return -1;
  if (token[3] == '+') return hex_digit(token[4]);  // as Rust reads numbers
  const int high = hex_digit(token[3]), low = hex_digit(token[4]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

std::vector<std::string> ByteLevelDecoder::decode(std::vector<std::string> tokens) const {
  std::string bytes;
  for (const std::string& token : tokens) bytes += bytes_of(token);
  return {repair_utf8(bytes)};
}

std::vector<std::string> ByteFallbackDecoder::decode(std::vector<std::string> tokens) const {
  std::vector<std::string> result;
  std::string bytes;
  const auto flush = [&] {
    if (bytes.empty()) return;
    if (is_valid_utf8(bytes)) result.push_back(bytes);
    else result.insert(result.end(), bytes.size(), "\uFFFD");
    bytes.clear();
  };
  for (std::string& token : tokens) {
    if (const int byte = byte_of_fallback(token); byte >= 0) {
      bytes += static_cast<char>(byte);
      continue;
    }
    flush();
    result.push_back(std::move(token));
  }
  flush();
  return result;
}

void ByteFallbackDecoder::write(JsonWriter& json) const { json.member("type", "ByteFallback"); }

}  // namespace heddle::text
