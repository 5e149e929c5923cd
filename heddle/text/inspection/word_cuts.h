#pragma once
// The words of a text, and the tokens that each of them became where it stands. A word stands between white space and
// has no punctuation at its ends: "t-shirt" is one, "—" none. Punctuation of the far east, where no space follows it,
// separates too.

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "heddle/text/granularities.h"
#include "heddle/text/tokenizer.h"

namespace heddle::text {

std::vector<Offsets> words_of(std::string_view text);

// For maps from words, so that a view finds its word.
struct WordHash {
  using is_transparent = void;
  size_t operator()(std::string_view word) const { return std::hash<std::string_view>()(word); }
};

// A text and what a tokenizer makes of it, without special tokens.
struct CutText {
  std::string_view text;        // valid UTF-8
  std::vector<int32_t> ids;     // of its tokens
  std::vector<Offsets> tokens;  // bytes of the text they came from
  std::vector<Offsets> words;
  std::vector<TokenSpan> cuts;  // by word: the tokens that share bytes with it

  std::string_view word(size_t i) const { return part(words[i]); }
  std::string_view part(const Offsets& place) const {
    return text.substr(static_cast<size_t>(place.begin), static_cast<size_t>(place.end - place.begin));
  }
  // Where the tokens of word i begin in it, without its own beginning, each place once.
  std::vector<int64_t> inner_cuts(size_t i) const;
  // Word i, cut there.
  std::vector<std::string_view> pieces(size_t i) const;
};

CutText cut_text(const Tokenizer& tokenizer, std::string_view valid_text);
// The same texts in order, on all threads.
std::vector<CutText> cut_texts(const Tokenizer& tokenizer, std::span<const std::string> valid_texts);

}  // namespace heddle::text
