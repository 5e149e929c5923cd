#pragma once
// The byte-level view of text (Radford et al. 2019): pieces as GPT-2's pattern cuts them, and every byte
// written as a printable character, so that any text is a string of known symbols.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::text {

// The character that stands for a byte: itself where printable, else one from U+0100 on.
int32_t character_of_byte(uint8_t byte);
// The byte behind such a character, or -1.
int byte_of_character(int32_t code_point);

// "Ġthe" for " the".
std::string bytes_to_characters(std::string_view bytes);
// The inverse; characters that stand for no byte are kept as they are.
std::string characters_to_bytes(std::string_view characters);

// Cuts text (valid UTF-8) as the pattern
//   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
// does. The pieces cover the text.
std::vector<std::string_view> split_gpt2(std::string_view text);

}  // namespace heddle::text
