#pragma once
// A text a line, as a line of its tokens, and back: what `heddle tokenizer encode` and `decode` write and read.

#include <cstdint>
#include <string>
#include <string_view>

#include "heddle/text/tokenizer.h"

namespace heddle::text {

// How a line shows its tokens, with spaces between them:
enum class TokenForm : uint8_t {
  ids,      // 40 312 2
  tokens,   // A Ġdog </s>; a backslash, and what would break the line or look like a space, as \\ \n \r \t \s
  offsets,  // 40:0:1 312:1:5 2:0:0, id:begin:end; for a pair id:begin:end:text, where text is 0, 1, or - for neither
  json,     // all of an Encoding as one object
};

struct EncodeOptions {
  TokenForm form = TokenForm::ids;
  bool pair = false;  // the line's first tab separates two texts
  bool add_special_tokens = true;
  OffsetUnit unit = OffsetUnit::bytes;
};

// All but ids take a hundred bytes of memory and more for a byte of text, so their lines may not be longer.
inline constexpr size_t kLongestInFull = size_t{16} << 20;  // bytes

// Appends the line that `line` becomes, without a line end. Truncation and padding are the tokenizer's; a line is a
// batch of its own. Throws InputError for a pair without a tab, and for a line that is too long to be told in full.
void append_encoded(const Tokenizer& tokenizer, std::string_view line, const EncodeOptions& options, std::string& out);

struct DecodeOptions {
  bool from_tokens = false;  // the line holds TokenForm::tokens, not ids
  bool keep_special_tokens = false;
  bool as_json = false;  // a JSON string, so that a text with line ends stays one line
};

// Appends the text of a line of tokens. Throws InputError for what is no id, or no token of the vocabulary.
void append_decoded(const Tokenizer& tokenizer, std::string_view line, const DecodeOptions& options, std::string& out);

// A token as TokenForm::tokens shows it, and back.
std::string escaped_token(std::string_view token);
std::string unescaped_token(std::string_view text);

}  // namespace heddle::text
