#include "heddle/text/byte_level.h"

#include <utf8proc.h>

#include <array>

#include "heddle/base/utf8.h"

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

enum class Kind : uint8_t { letter, number, space, other };

Kind kind_of(int32_t c) {
  if (c < 128) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return Kind::letter;
    if (c >= '0' && c <= '9') return Kind::number;
    return c == ' ' || (c >= 9 && c <= 13) ? Kind::space : Kind::other;
  }
  switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO: return Kind::letter;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO: return Kind::number;
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP: return Kind::space;
    default: return c == 0x85 ? Kind::space : Kind::other;
  }
}

// The length of 's, 't, 're, 've, 'm, 'll, 'd at `at`, or 0.
size_t contraction(std::string_view text, size_t at) {
  for (std::string_view ending : {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"})
    if (text.substr(at, ending.size()) == ending) return ending.size();
  return 0;
}

struct Reader {
  std::string_view text;

  // The end of the run of code points of one kind from `at`.
  size_t run_end(size_t at, Kind kind) const {
    while (at < text.size()) {
      const CodePoint point = read_code_point(text, at);
      if (kind_of(point.value) != kind) break;
      at += static_cast<size_t>(point.length);
    }
    return at;
  }
  // White space before something else leaves its last character to that something.
  size_t space_end(size_t at) const {
    size_t last = at, end = at;
    while (end < text.size()) {
      const CodePoint point = read_code_point(text, end);
      if (kind_of(point.value) != Kind::space) break;
      last = end;
      end += static_cast<size_t>(point.length);
    }
    return end == text.size() || last == at ? end : last;
  }
  size_t piece_end(size_t at) const {
    if (const size_t length = contraction(text, at)) return at + length;
    const size_t body = text[at] == ' ' && at + 1 < text.size() ? at + 1 : at;
    const Kind kind = kind_of(read_code_point(text, body).value);
    if (kind != Kind::space) return run_end(body, kind);
    return space_end(at);
  }
};

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

std::vector<std::string_view> split_gpt2(std::string_view text) {
  std::vector<std::string_view> pieces;
  const Reader reader{text};
  for (size_t at = 0; at < text.size();) {
    const size_t end = reader.piece_end(at);
    pieces.push_back(text.substr(at, end - at));
    at = end;
  }
  return pieces;
}

}  // namespace heddle::text
