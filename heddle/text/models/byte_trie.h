#pragma once
// A set of strings, asked for all of its members that a text begins with.

#include <cstdint>
#include <string_view>
#include <vector>

namespace heddle::text {

class ByteTrie {
 public:
  // Of two equal strings the later value counts. Not empty.
  void add(std::string_view string, int32_t value);

  // Calls use(length, value) for each string that `text` begins with, the shortest first.
  template <class Use>
  void each_prefix(std::string_view text, Use&& use) const {
    uint32_t node = 0;
    for (size_t i = 0; i < text.size(); ++i) {
      node = child(node, static_cast<unsigned char>(text[i]));
      if (node == 0) return;
      if (values_[node] >= 0) use(i + 1, values_[node]);
    }
  }

 private:
  struct Edge {
    uint64_t key = 0;  // node << 8 | byte, plus 1; 0: empty
    uint32_t child = 0;
  };
  // 0: there is none, as the root is nobody's child.
  uint32_t child(uint32_t node, unsigned char byte) const {
    if (edges_.empty()) return 0;
    const uint64_t key = (static_cast<uint64_t>(node) << 8 | byte) + 1;
    for (size_t at = place(key);; at = (at + 1) & mask_) {
      if (edges_[at].key == key) return edges_[at].child;
      if (edges_[at].key == 0) return 0;
    }
  }
  size_t place(uint64_t key) const { return static_cast<size_t>((key * 0x9E3779B97F4A7C15u) >> 32) & mask_; }
  void grow();

  std::vector<Edge> edges_;  // a power of two, at most half full
  size_t mask_ = 0;
  std::vector<int32_t> values_ = {-1};  // by node; -1: no string ends here
};

}  // namespace heddle::text
