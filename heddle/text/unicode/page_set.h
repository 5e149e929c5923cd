#pragma once
// Which pages of 256 code points hold members of a set: most questions about a code point end here, before a table is
// searched.

#include <array>
#include <cstddef>
#include <cstdint>

namespace heddle::text {

class PageSet {
 public:
  // Of the members `from` of a table's entries.
  template <class Entry>
  PageSet(const Entry* entries, size_t count) {
    for (size_t i = 0; i < count; ++i) pages_[static_cast<size_t>(entries[i].from >> 8)] = true;
  }
  bool may_have(int32_t code_point) const { return pages_[static_cast<size_t>(code_point >> 8)]; }

 private:
  std::array<bool, 0x1100> pages_{};
};

}  // namespace heddle::text
