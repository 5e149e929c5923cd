#pragma once
// A set of strings, asked for those of its members that a text begins with: a trie whose nodes lie in one array, the
// child of a node by a byte at place base XOR byte (Aoe 1989, a double array), so that a step is one look-up in eight
// bytes.

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace heddle::text {

class ByteTrie {
 public:
  static constexpr int32_t kNone = -1;

  ByteTrie() = default;  // of no strings
  // Strings with values from 0 to kMostValue. Of two equal strings the later value counts; empty ones are left out.
  explicit ByteTrie(std::vector<std::pair<std::string_view, int32_t>> strings);
  static constexpr int32_t kMostValue = (1 << 24) - 3;

  // Calls use(length, value) for each string that `text` begins with, the shortest first.
  template <class Use>
  void each_prefix(std::string_view text, Use&& use) const {
    uint32_t base = root_;
    for (size_t i = 0; i < text.size(); ++i) {
      const Unit unit = child(base, static_cast<unsigned char>(text[i]));
      if (unit.content == 0) return;
      if (unit.value() != kNone) use(i + 1, unit.value());
      base = unit.base;
    }
  }
  // The longest string that `text` begins with; {0, kNone}: none.
  struct Found {
    size_t length = 0;
    int32_t value = kNone;
  };
  Found longest_prefix(std::string_view text) const {
    Found found;
    each_prefix(text, [&](size_t length, int32_t value) { found = {length, value}; });
    return found;
  }

 private:
  friend class ByteTrieBuilder;

  // A place of the array: a node, as its parent's child by `label`.
  struct Unit {
    uint32_t base = 0;  // of its children; those of leaves are looked for among the first 256 places, which stay empty
    uint32_t content = 0;  // label, and above it the value plus 2; plus 1: no string ends here; 0: an empty place

    int32_t value() const { return static_cast<int32_t>(content >> 8) - 2; }
  };
  // An empty unit: there is none.
  Unit child(uint32_t base, unsigned char byte) const {
    const Unit unit = units_[base ^ byte];
    return (unit.content & 255) == byte ? unit : Unit{};
  }

  std::vector<Unit> units_ = std::vector<Unit>(256);
  uint32_t root_ = 0;
};

}  // namespace heddle::text
