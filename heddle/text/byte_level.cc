#include "heddle/text/byte_level.h"

#include <array>

#include "heddle/text/aligned_text.h"

namespace heddle::text {
namespace {

struct ByteTable {
  std::array<int32_t, 256> character{};
  std::array<int, 512> byte{};

  ByteTable() {
    byte.fill(-1);
    int32_t next = 256;
    for (int b = 0; b < 256; ++b) {
      const bool printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
      character[static_cast<size_t>(b)] = printable ? b : next++;
      byte[static_cast<size_t>(character[static_cast<size_t>(b)])] = b;
    }
  }
};

const ByteTable& table() {
  static const ByteTable instance;
  return instance;
}

}  // namespace

int32_t character_of_byte(uint8_t byte) { return table().character[byte]; }

int byte_of_character(int32_t c) { return c >= 0 && c < 512 ? table().byte[static_cast<size_t>(c)] : -1; }

std::string bytes_to_characters(std::string_view bytes) {
  std::string characters;
  for (char c : bytes) append_utf8(characters, character_of_byte(static_cast<uint8_t>(c)));
  return characters;
}

std::string characters_to_bytes(std::string_view characters) {
  std::string bytes;
  for (size_t at = 0; at < characters.size();) {
    const CodePoint point = read_code_point(characters, at);
    const int byte = byte_of_character(point.value);
    if (byte >= 0) bytes += static_cast<char>(byte);
    else bytes.append(characters, at, static_cast<size_t>(point.length));
    at += static_cast<size_t>(point.length);
  }
  return bytes;
}

void bytes_to_characters(Rewrite& out) {
  std::string bytes;
  append_utf8(bytes, out.next());
  for (size_t i = 0; i < bytes.size(); ++i) {
    const int32_t character = character_of_byte(static_cast<uint8_t>(bytes[i]));
    if (i == 0) out.put(character);
    else out.insert(character);
  }
}

}  // namespace heddle::text
