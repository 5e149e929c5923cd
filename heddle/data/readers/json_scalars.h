#pragma once
// Whether strings, numbers and words are written as JSON wants them (RFC 8259): what is left to check once the tokens
// of a text are known to begin where they begin, and its strings to end and to be UTF-8.

#include <cstdint>
#include <string_view>

namespace heddle::data {

enum class JsonVerdict : uint8_t {
  right,
  doubtful,  // by its form right; whether by its meaning, such as a number's size, a whole parser has to say
  wrong,
};

// What begins with a token, behind which there is more text.
JsonVerdict judge_json_number(const char* begin);
// true, false, or null.
bool is_json_word(const char* begin);
// What stands between the quotes.
JsonVerdict judge_json_string(std::string_view string);

}  // namespace heddle::data
