#include "heddle/text/models/byte_trie.h"

#include <algorithm>

namespace heddle::text {

void ByteTrie::add(std::string_view string, int32_t value) {
  uint32_t node = 0;
  for (char c : string) {
    const auto byte = static_cast<unsigned char>(c);
    uint32_t next = child(node, byte);
    if (next == 0) {
      if (2 * (values_.size() + 1) > edges_.size()) grow();
      next = static_cast<uint32_t>(values_.size());
      values_.push_back(-1);
      const uint64_t key = (static_cast<uint64_t>(node) << 8 | byte) + 1;
      size_t at = place(key);
      while (edges_[at].key != 0) at = (at + 1) & mask_;
      edges_[at] = {key, next};
    }
    node = next;
  }
  values_[node] = value;
}

void ByteTrie::grow() {
  const std::vector<Edge> old = std::move(edges_);
  edges_.assign(std::max<size_t>(old.size() * 2, 64), Edge{});
  mask_ = edges_.size() - 1;
  for (const Edge& edge : old) {
    if (edge.key == 0) continue;
    size_t at = place(edge.key);
    while (edges_[at].key != 0) at = (at + 1) & mask_;
    edges_[at] = edge;
  }
}

}  // namespace heddle::text
