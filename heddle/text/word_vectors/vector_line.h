#pragma once
// One line of word vectors as text.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace heddle::text {

// The numbers at the end of the line, not counting its first field.
int64_t numbers_at_end(std::string_view line);

// Takes the last to.size() fields as the vector and what stands before them as the word, which views into the line.
// Returns what is wrong as the rest of a sentence ("has 3 fields; …"); empty: nothing.
std::string read_vector_line(std::string_view line, std::string_view& word, std::span<float> to);

}  // namespace heddle::text
