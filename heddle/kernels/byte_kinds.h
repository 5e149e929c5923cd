#pragma once
// What the bytes of a text are, a bit for each: of 64 bytes a word of every kind, the first byte its lowest bit.

#include <cstddef>
#include <cstdint>

namespace heddle::kernels {

// ASCII alone; what is not, is `wide` and nothing else.
struct ByteKinds {
  uint64_t letter = 0;      // A to Z, a to z
  uint64_t digit = 0;       // 0 to 9
  uint64_t space = 0;       // U+0009 to U+000D, and ' '
  uint64_t blank = 0;       // ' '
  uint64_t apostrophe = 0;  // '\''
  uint64_t wide = 0;        // 0x80 and up
};

// Of text[0, 64 * words).
void find_byte_kinds(const char* text, size_t words, ByteKinds* kinds);

}  // namespace heddle::kernels
