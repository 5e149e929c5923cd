#include "heddle/text/models/byte_trie.h"

#include <algorithm>
#include <bit>
#include <span>

#include "heddle/base/error.h"

namespace heddle::text {

class ByteTrieBuilder {
 public:
  explicit ByteTrieBuilder(ByteTrie& trie) : units_(trie.units_) { add_places(0); }

  using String = std::pair<std::string_view, int32_t>;

  // Places the children of the node to whose strings these belong, sorted and distinct; their first `depth` bytes are
  // alike. The base of that node.
  uint32_t place_children(std::span<const String> strings, size_t depth) {
    struct Child {
      unsigned char label;
      std::span<const String> strings;
    };
    std::vector<Child> children;
    for (size_t i = 0; i < strings.size();) {
      const auto label = static_cast<unsigned char>(strings[i].first[depth]);
      size_t end = i;
      while (end < strings.size() && static_cast<unsigned char>(strings[end].first[depth]) == label) ++end;
      children.push_back({label, strings.subspan(i, end - i)});
      i = end;
    }
    const uint32_t base = free_base(children);
    is_base_[base] = true;
    for (const Child& child : children) {
      const bool ends = child.strings[0].first.size() == depth + 1;
      const int32_t value = ends ? child.strings[0].second : ByteTrie::kNone;
      units_[base ^ child.label].content = static_cast<uint32_t>(value + 2) << 8 | child.label;
      take(base ^ child.label);
    }
    for (const Child& child : children) {
      const bool ends = child.strings[0].first.size() == depth + 1;
      const auto rest = child.strings.subspan(ends);
      if (!rest.empty()) {
        const uint32_t place = base ^ child.label;
        const uint32_t childs_base = place_children(rest, depth + 1);
        units_[place].base = childs_base;
      }
    }
    return base;
  }

 private:
  bool is_free(size_t place) const { return free_[place / kBits] >> place % kBits & 1; }
  void take(size_t place) { free_[place / kBits] &= ~(uint64_t{1} << place % kBits); }
  // The first empty place from `at` on; the number of places: there is none.
  size_t next_free(size_t at) const {
    for (size_t word = at / kBits; word < free_.size(); ++word, at = word * kBits)
      if (const uint64_t bits = free_[word] >> at % kBits) return at + static_cast<size_t>(std::countr_zero(bits));
    return units_.size();
  }
  void add_places(size_t more) {
    units_.resize(units_.size() + more);
    is_base_.resize(units_.size());
    free_.resize(units_.size() / kBits, ~uint64_t{0});
  }

  // A base that no node has, whose places for these labels are empty. Looked for from the first empty place on, but not
  // far: a new block of 256 places costs less than a long search.
  template <class Children>
  uint32_t free_base(const Children& children) {
    const size_t far = children.size() > 1 ? size_t{1} << 11 : size_t{1} << 14;
    first_free_ = next_free(first_free_);
    const size_t from = std::max(first_free_, units_.size() - std::min(units_.size(), far));
    for (size_t at = next_free(from); at < units_.size(); at = next_free(at + 1)) {
      const uint32_t base = static_cast<uint32_t>(at) ^ children[0].label;
      if (base < 256 || is_base_[base]) continue;
      if (std::ranges::all_of(children, [&](const auto& child) { return is_free(base ^ child.label); })) return base;
    }
    HEDDLE_CHECK(units_.size() < (size_t{1} << 32) - 256, "a trie of {} nodes is too large", units_.size());
    const auto base = static_cast<uint32_t>(units_.size());
    add_places(256);
    return base;
  }

  static constexpr size_t kBits = 64;

  std::vector<ByteTrie::Unit>& units_;
  std::vector<bool> is_base_;
  std::vector<uint64_t> free_;  // a bit for each place that is empty
  size_t first_free_ = 256;
};

ByteTrie::ByteTrie(std::vector<std::pair<std::string_view, int32_t>> strings) {
  std::ranges::stable_sort(strings, {}, &ByteTrieBuilder::String::first);
  std::vector<ByteTrieBuilder::String> distinct;
  for (const auto& [string, value] : strings) {
    if (value > kMostValue) fail_input("a vocabulary of more than {} tokens is too large", kMostValue);
    if (string.empty()) continue;
    if (!distinct.empty() && distinct.back().first == string) distinct.pop_back();
    distinct.emplace_back(string, value);
  }
  if (!distinct.empty()) root_ = ByteTrieBuilder(*this).place_children(distinct, 0);
}

}  // namespace heddle::text
