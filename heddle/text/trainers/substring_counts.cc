#include "heddle/text/trainers/substring_counts.h"

#include <algorithm>

#include "heddle/base/thread_loop.h"
#include "heddle/text/utf8.h"

namespace heddle::text {
namespace {

// Where a suffix of a word begins, and its first eight bytes as a number that orders as they do.
struct Suffix {
  uint64_t first;
  uint32_t word, begin;
};

uint64_t first_bytes(std::string_view text) {
  uint64_t first = 0;
  for (size_t i = 0; i < 8; ++i) first = first << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0);
  return first;
}

class SortedSuffixes {
 public:
  // Suffixes are cut at `longest` characters.
  SortedSuffixes(std::span<const WordCount> words, int64_t longest) : words_(words), longest_(longest) {
    place_by_first_bytes();
    sort_groups();
  }

  std::string_view text(const Suffix& suffix) const {
    const std::string_view rest = std::string_view(words_[suffix.word].word).substr(suffix.begin);
    int64_t characters = 0;
    size_t end = 0;
    for (; end < rest.size(); ++end)
      if (!is_continuation(rest[end]) && characters++ == longest_) break;
    return rest.substr(0, end);
  }
  int64_t count(const Suffix& suffix) const { return words_[suffix.word].count; }
  auto begin() const { return suffixes_.begin(); }
  auto end() const { return suffixes_.end(); }

 private:
  static constexpr size_t kGroups = 1 << 16;  // by two bytes

  template <class Use>
  void each_suffix(Use&& use) const {
    for (uint32_t w = 0; w < words_.size(); ++w) {
      const std::string_view word = words_[w].word;
      for (uint32_t at = 0; at < word.size(); ++at)
        if (!is_continuation(word[at])) use(Suffix{first_bytes(word.substr(at)), w, at});
    }
  }

  void place_by_first_bytes() {
    const auto group = [](const Suffix& suffix) { return suffix.first >> 48; };
    begins_.assign(kGroups + 1, 0);
    each_suffix([&](const Suffix& suffix) { ++begins_[group(suffix) + 1]; });
    for (size_t g = 0; g < kGroups; ++g) begins_[g + 1] += begins_[g];
    suffixes_.resize(begins_.back());
    std::vector<size_t> next(begins_.begin(), begins_.end() - 1);
    each_suffix([&](const Suffix& suffix) { suffixes_[next[group(suffix)]++] = suffix; });
  }

  // By all threads, each some groups that lie side by side.
  void sort_groups() {
    const auto before = [this](const Suffix& a, const Suffix& b) {
      return a.first != b.first ? a.first < b.first : text(a) < text(b);
    };
    const auto tasks = 16 * static_cast<int64_t>(thread_count());
    const auto first_group = [&](int64_t task) {
      const size_t at = suffixes_.size() * static_cast<size_t>(task) / static_cast<size_t>(tasks);
      return std::ranges::lower_bound(begins_, at) - begins_.begin();
    };
    parallel_for(tasks, 1, [&](int64_t first, int64_t last, int) {
      const auto end = last == tasks ? static_cast<int64_t>(kGroups) : first_group(last);
      for (int64_t g = first_group(first); g < end; ++g) {
        const auto range = static_cast<size_t>(g);
        std::sort(suffixes_.begin() + static_cast<int64_t>(begins_[range]),
                  suffixes_.begin() + static_cast<int64_t>(begins_[range + 1]), before);
      }
    });
  }

  std::span<const WordCount> words_;
  int64_t longest_;
  std::vector<size_t> begins_;
  std::vector<Suffix> suffixes_;
};

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
  const SortedSuffixes suffixes(words, longest);
  Nodes nodes(static_cast<size_t>(most));
  std::string_view before;
  for (const Suffix& suffix : suffixes) {
    const std::string_view text = suffixes.text(suffix);
    nodes.close_below(common_prefix(before, text), before);
    nodes.open(text.size(), suffixes.count(suffix));
    before = text;
  }
  nodes.close_below(0, before);
  return nodes.take();
}

}  // namespace heddle::text
