#pragma once
// The English contractions that patterns since GPT-2's cut off: 's, 't, 're, 've, 'm, 'll, 'd.

#include <cstddef>
#include <string_view>

namespace heddle::text {

// The length of the contraction that begins with the apostrophe at `at`, or 0.
inline size_t contraction(std::string_view text, size_t at) {
  if (text[at] != '\'' || at + 1 >= text.size()) return 0;
  const char third = at + 2 < text.size() ? text[at + 2] : '\0';
  switch (text[at + 1]) {
    case 's':
    case 't':
    case 'm':
    case 'd': return 2;
    case 'r':
    case 'v': return third == 'e' ? 3 : 0;
    case 'l': return third == 'l' ? 3 : 0;
    default: return 0;
  }
}

}  // namespace heddle::text
