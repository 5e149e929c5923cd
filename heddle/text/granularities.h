#pragma once
// One text at several granularities at once: the tokens of two or more tokenizers, aligned by the bytes they share, for
// models that fuse them (characters and words, a coarse and a fine vocabulary).
//
//   text       u n s e e n   d o g
//   words      └── 0 ────┘   └ 1 ┘
//   pieces     └0┘└── 1 ─┘   └ 2 ┘      spans(words → pieces) = [0, 2), [2, 3)
//                                       spans(pieces → words) = [0, 1), [0, 1), [1, 2)

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/text/tokenizer.h"

namespace heddle::text {

// Tokens [begin, end) of an encoding.
struct TokenSpan {
  int32_t begin = 0, end = 0;
  bool operator==(const TokenSpan&) const = default;
};

// For each token of `from` the span from the first to the last token of `to` with which it shares a byte of their
// text; empty for a token that shares none, such as special ones. Offsets of both count in the same unit.
// O(bytes the tokens cover).
std::vector<TokenSpan> align_tokens(const Encoding& from, const Encoding& to);
// The same of places in the text: the span of `to` that shares bytes with each of `from`.
std::vector<TokenSpan> align_offsets(std::span<const Offsets> from, std::span<const Offsets> to);

struct Granularities {
  std::vector<Encoding> levels;  // by tokenizer

  std::vector<TokenSpan> spans(size_t from, size_t to) const { return align_tokens(levels[from], levels[to]); }
  // {"ids": [[…], …], "spans": [[null, [[0, 2], …]], …]}: spans[from][to], null of a level to itself.
  std::string as_json() const;
};

Granularities encode_granularities(std::span<const Tokenizer> tokenizers, std::string_view text,
                                   bool add_special_tokens = true, OffsetUnit unit = OffsetUnit::bytes);

}  // namespace heddle::text
