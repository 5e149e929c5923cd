#pragma once
// Byte-level characters, as GPT-2 defined them (Radford et al. 2019): every byte is a printable character of its own,
// so that any text is made of 256 symbols and nothing is unknown.

#include <cstdint>
#include <string>
#include <string_view>

namespace heddle::text {

class Rewrite;

// The printable character that stands for a byte: itself where printable, else U+0100 and up.
int32_t character_of_byte(uint8_t byte);
// The byte that a character stands for; -1 for none.
int byte_of_character(int32_t code_point);

std::string bytes_to_characters(std::string_view bytes);
// Characters that stand for no byte keep their UTF-8.
std::string characters_to_bytes(std::string_view characters);

// Each byte of the next code point becomes its character.
void bytes_to_characters(Rewrite& out);

}  // namespace heddle::text
