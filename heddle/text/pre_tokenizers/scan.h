#pragma once
// Kinds of code points and runs of them, for splitters written by hand: ASCII by a table, the rest by its properties.

#include <array>
#include <cstdint>
#include <string_view>

#include "heddle/text/unicode/properties.h"
#include "heddle/text/utf8.h"

namespace heddle::text {

// Kinds as bits; a code point has several.
using Kinds = uint16_t;
inline constexpr Kinds kLetter = 1, kNumber = 2, kSpace = 4, kMark = 8, kLineEnd = 16, kPunctuation = 32, kSymbol = 64;
inline constexpr Kinds kUpper = 128;                        // upper or title case, or a letter or mark without case
inline constexpr Kinds kLower = 256;                        // lower case, or a letter or mark without case
inline constexpr Kinds kWord = kLetter | kNumber | kSpace;  // none of these: [^\s\p{L}\p{N}]

Kinds kinds_of(int32_t code_point);
extern const std::array<Kinds, 128> kAsciiKinds;

// A text with a place in it that moves on.
class Scan {
 public:
  explicit Scan(std::string_view text) : text_(text.data()), size_(text.size()) {}

  size_t size() const { return size_; }
  char byte(size_t at) const { return text_[at]; }
  // The kinds of the code point at `at` and its length; at < size().
  struct Seen {
    Kinds kinds;
    uint32_t length;
  };
  Seen see(size_t at) const {
    const auto byte = static_cast<unsigned char>(text_[at]);
    if (byte < 0x80) return {kAsciiKinds[byte], 1};
    const CodePoint point = decode(text_ + at);
    return {kinds_of(point.value), static_cast<uint32_t>(point.length)};
  }
  int32_t code_point(size_t at) const { return decode(text_ + at).value; }
  bool is(size_t at, Kinds kinds) const { return at < size_ && (see(at).kinds & kinds) != 0; }

  // The end of the run from `at` of code points with one of `kinds`, or with none of them.
  size_t run(size_t at, Kinds kinds) const {
    while (at < size_) {
      const Seen seen = see(at);
      if ((seen.kinds & kinds) == 0) break;
      at += seen.length;
    }
    return at;
  }
  size_t run_without(size_t at, Kinds kinds) const {
    while (at < size_) {
      const Seen seen = see(at);
      if ((seen.kinds & kinds) != 0) break;
      at += seen.length;
    }
    return at;
  }
  // The same, at most `most` code points.
  size_t run(size_t at, Kinds kinds, int most) const {
    for (; most > 0 && at < size_; --most) {
      const Seen seen = see(at);
      if ((seen.kinds & kinds) == 0) break;
      at += seen.length;
    }
    return at;
  }
  // The end of \s+(?!\S)|\s+ from white space at `at`: before something else a run leaves its last code point over.
  size_t space(size_t at) const {
    size_t last = at, end = at;
    while (end < size_) {
      const Seen seen = see(end);
      if ((seen.kinds & kSpace) == 0) break;
      last = end;
      end += seen.length;
    }
    return end == size_ || last == at ? end : last;
  }
  // The end of \s*[\r\n]+ from white space at `at`; `at` if it holds no line end.
  size_t space_to_line_end(size_t at) const {
    size_t found = at;
    for (size_t end = at; end < size_;) {
      const Seen seen = see(end);
      if ((seen.kinds & kSpace) == 0) break;
      end += seen.length;
      if (seen.kinds & kLineEnd) found = end;
    }
    return found;
  }

 private:
  const char* text_;
  size_t size_;
};

}  // namespace heddle::text
