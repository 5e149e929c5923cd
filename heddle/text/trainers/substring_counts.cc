#include "heddle/text/trainers/substring_counts.h"

#include <algorithm>

namespace heddle::text {
namespace {

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

struct Suffix {
  const char* text;
  uint32_t bytes;  // up to `longest` characters
  uint32_t word;
  std::string_view view() const { return {text, bytes}; }
};

std::vector<Suffix> sorted_suffixes(std::span<const WordCount> words, int64_t longest) {
  std::vector<Suffix> suffixes;
  for (size_t w = 0; w < words.size(); ++w) {
    const std::string& word = words[w].word;
    std::vector<size_t> begins;
    for (size_t at = 0; at < word.size(); ++at)
      if (!is_continuation(word[at])) begins.push_back(at);
    for (size_t i = 0; i < begins.size(); ++i) {
      const size_t last = i + static_cast<size_t>(longest);
      const size_t end = last < begins.size() ? begins[last] : word.size();
      suffixes.push_back({word.data() + begins[i], static_cast<uint32_t>(end - begins[i]), static_cast<uint32_t>(w)});
    }
  }
  std::ranges::sort(suffixes, {}, &Suffix::view);
  return suffixes;
}

// Bytes of the characters that both begin with.
size_t common_prefix(std::string_view a, std::string_view b) {
  const size_t most = std::min(a.size(), b.size());
  size_t same = 0;
  while (same < most && a[same] == b[same]) ++same;
  while (same > 0 && same < most && (is_continuation(a[same]) || is_continuation(b[same]))) --same;
  return same;
}

// A node of the suffix tree on the way down to the suffix that is looked at.
struct Node {
  size_t bytes;
  int64_t count;
};

double score(const SubstringCount& substring) {
  return static_cast<double>(substring.count) * static_cast<double>(substring.characters);
}

bool better(const SubstringCount& a, const SubstringCount& b) {
  return score(a) != score(b) ? score(a) > score(b) : a.text < b.text;
}

class Nodes {
 public:
  explicit Nodes(size_t most) : most_(most) {}

  // Closes the nodes below `bytes`, which the suffix before, `text`, was the last to pass; then one of `bytes` is open.
  void close_below(size_t bytes, std::string_view text) {
    int64_t closed = 0;
    while (!open_.empty() && open_.back().bytes > bytes) {
      closed += open_.back().count;
      keep(text.substr(0, open_.back().bytes), closed);
      open_.pop_back();
    }
    open(bytes, closed);
  }

  void open(size_t bytes, int64_t count) {
    if (!open_.empty() && open_.back().bytes == bytes) open_.back().count += count;
    else open_.push_back({bytes, count});
  }

  // The best, sorted.
  std::vector<SubstringCount> take() {
    drop_worse();
    std::ranges::sort(found_, better);
    return std::move(found_);
  }

 private:
  void keep(std::string_view text, int64_t count) {
    const auto characters = std::ranges::count_if(text, [](char byte) { return !is_continuation(byte); });
    if (characters < 2 || count < 2) return;
    found_.push_back({text, characters, count});
    if (found_.size() > 2 * most_ + 1024) drop_worse();
  }

  void drop_worse() {
    if (found_.size() <= most_) return;
    std::ranges::nth_element(found_, found_.begin() + static_cast<int64_t>(most_), better);
    found_.resize(most_);
  }

  size_t most_;
  std::vector<Node> open_;
  std::vector<SubstringCount> found_;
};

}  // namespace

std::vector<SubstringCount> frequent_substrings(std::span<const WordCount> words, int64_t longest, int64_t most) {
  const std::vector<Suffix> suffixes = sorted_suffixes(words, longest);
  Nodes nodes(static_cast<size_t>(most));
  std::string_view before;
  for (const Suffix& suffix : suffixes) {
    nodes.close_below(common_prefix(before, suffix.view()), before);
    nodes.open(suffix.bytes, words[suffix.word].count);
    before = suffix.view();
  }
  nodes.close_below(0, before);
  return nodes.take();
}

}  // namespace heddle::text
