#pragma once
// Rank files of tiktoken: a token per line, in base 64, and its rank, which is its id and says which pair of neighbours
// joins first. The pattern by which text is cut is not in the file.

#include <string>
#include <string_view>
#include <vector>

#include "heddle/text/tokenizer.h"

namespace heddle::text {

struct TiktokenEncoding {
  const char* name;           // of its file, less ".tiktoken"
  const char* known_pattern;  // heddle/text/pre_tokenizers/known_patterns.h
  int32_t ranks;              // of the file that everybody means by this name, for which the special tokens hold
  std::vector<std::pair<const char*, int32_t>> special_tokens;
};

const std::vector<TiktokenEncoding>& tiktoken_encodings();

// Whether the first line is a token in base 64 and a number.
bool looks_like_tiktoken(std::string_view text);

// encoding: a name of tiktoken_encodings(). special_tokens get the ids after the last one. As in encode_ordinary() of
// tiktoken, no text holds a special token. Throws InputError, with file and line, for what is no such line, tokens or
// ranks that stand twice, and bytes that are no token.
Tokenizer tokenizer_of_tiktoken(std::string_view text, const std::string& source_name, const std::string& encoding,
                                const std::vector<std::string>& special_tokens);

}  // namespace heddle::text
