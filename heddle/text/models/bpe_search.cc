#include "heddle/text/models/bpe_search.h"

#include <algorithm>
#include <limits>

#include "heddle/text/models/merge_step.h"

namespace heddle::text {
namespace {

struct Join {
  int32_t left, right, rank;
};

// The last join that makes one symbol of several; nullopt: they stay several.
std::optional<Join> last_join(std::vector<int32_t> symbols, const Merges& merges) {
  Join last{};
  while (symbols.size() > 1) {
    const Merges::Merge* merge = merge_step(symbols, merges);
    if (!merge) return std::nullopt;
    last = {merge->left, merge->right, merge->rank};
  }
  return last;
}

}  // namespace

std::optional<BpeSearch> BpeSearch::of(const std::vector<std::string>& bytes,
                                       const std::array<int32_t, 256>& id_of_byte, const Merges& merges,
                                       const std::vector<std::pair<int32_t, int32_t>>& pairs) {
  BpeSearch search;
  search.nodes_.resize(bytes.size());
  if (bytes.size() > static_cast<size_t>(ByteTrie::kMostValue)) return std::nullopt;
  const auto node = [&](int32_t id) -> Node& { return search.nodes_[static_cast<size_t>(id)]; };
  for (const int32_t id : id_of_byte) node(id).length = 1;
  for (const auto& [left, right] : pairs) {
    const int32_t id = merges.find(left, right)->joined;
    const std::string& text = bytes[static_cast<size_t>(id)];
    if (text.size() > kLongest) return std::nullopt;
    if (node(id).length > 0) continue;
    std::vector<int32_t> symbols;
    for (const char c : text) symbols.push_back(id_of_byte[static_cast<unsigned char>(c)]);
    const auto join = symbols.size() > 1 ? last_join(std::move(symbols), merges) : std::nullopt;
    if (join) node(id) = {join->left, join->right, join->rank, kNone, static_cast<uint32_t>(text.size())};
  }
  for (const auto& [left, right] : pairs) {
    if (node(left).length == 0 || node(right).length == 0) continue;
    if (std::max(node(left).rank, node(right).rank) >= merges.find(left, right)->rank) return std::nullopt;
  }
  std::vector<std::pair<std::string_view, int32_t>> strings;
  for (size_t id = 0; id < bytes.size(); ++id)
    if (search.nodes_[id].length > 0) strings.emplace_back(bytes[id], static_cast<int32_t>(id));
  search.trie_ = ByteTrie(strings);
  for (const auto& [text, id] : strings)
    node(id).shorter = search.trie_.longest_prefix(text.substr(0, text.size() - 1)).value;
  return search;
}

// Undoes joins, the latest first, and looks at each pair that stood at the border: were it joined, it would be before
// either of the two went into something else. Of equal merges the one to the left goes first.
bool BpeSearch::stay_apart(int32_t left, int32_t right, const Merges& merges) const {
  constexpr int32_t kNever = std::numeric_limits<int32_t>::max();
  int32_t left_goes = kNever, right_goes = kNever;  // ranks at which the two went into something else
  while (true) {
    const Merges::Merge* across = merges.find(left, right);
    if (across && across->rank < left_goes && across->rank <= right_goes) return false;
    const Node& left_node = nodes_[static_cast<size_t>(left)];
    const Node& right_node = nodes_[static_cast<size_t>(right)];
    if (left_node.rank > right_node.rank) {
      left_goes = left_node.rank;
      left = left_node.right;
    } else if (right_node.rank != kNone) {
      right_goes = right_node.rank;
      right = right_node.left;
    } else {
      return true;
    }
  }
}

void BpeSearch::append_ids(std::string_view piece, std::vector<int32_t>& ids, const Merges& merges) const {
  thread_local std::vector<bool> dead;  // places that no tokens lead on from; filled when the first is found
  bool has_dead = false;
  const size_t first = ids.size();
  size_t at = 0;
  int32_t token = trie_.longest_prefix(piece).value;
  while (true) {
    const auto fits = [&](int32_t candidate) {
      if (has_dead && dead[at + length(candidate)]) return false;
      return ids.size() == first || stay_apart(ids.back(), candidate, merges);
    };
    while (token != kNone && !fits(token)) token = nodes_[static_cast<size_t>(token)].shorter;
    if (token == kNone) {
      if (!has_dead) dead.assign(piece.size() + 1, false);
      has_dead = dead[at] = true;
      const Node& last = nodes_[static_cast<size_t>(ids.back())];
      ids.pop_back();
      at -= last.length;
      token = last.shorter;
      continue;
    }
    ids.push_back(token);
    at += length(token);
    if (at == piece.size()) return;
    token = trie_.longest_prefix(piece.substr(at)).value;
  }
}

}  // namespace heddle::text
