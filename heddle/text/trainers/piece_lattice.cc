#include "heddle/text/trainers/piece_lattice.h"

#include <algorithm>
#include <limits>

namespace heddle::text {
namespace {

constexpr double kUnreached = -std::numeric_limits<double>::infinity();

}  // namespace

ByteTrie trie_of(std::span<const UnigramPiece> pieces) {
  std::vector<std::pair<std::string_view, int32_t>> strings;
  for (size_t i = 0; i < pieces.size(); ++i) strings.emplace_back(pieces[i].text, static_cast<int32_t>(i));
  return ByteTrie(std::move(strings));
}

void PieceLattice::set(std::string_view word, int32_t left_out) {
  bytes_ = word.size();
  edges_.clear();
  reached_.assign(bytes_ + 1, false);
  reached_[0] = true;
  for (size_t at = 0; at < bytes_; ++at) {
    if (!reached_[at]) continue;
    trie_.each_prefix(word.substr(at), [&](size_t length, int32_t piece) {
      if (piece == left_out) return;
      edges_.push_back({at, at + length, piece});
      reached_[at + length] = true;
    });
  }
}

std::vector<int32_t> PieceLattice::best() const {
  std::vector<double> reached(bytes_ + 1, kUnreached);
  std::vector<const Edge*> by(bytes_ + 1, nullptr);
  reached[0] = 0;
  for (const Edge& edge : edges_) {
    const double through = reached[edge.begin] + score(edge);
    if (through > reached[edge.end]) reached[edge.end] = through, by[edge.end] = &edge;
  }
  std::vector<int32_t> pieces;
  if (bytes_ > 0 && !by[bytes_]) return pieces;
  for (size_t at = bytes_; at > 0; at = by[at]->begin) pieces.push_back(by[at]->piece);
  std::ranges::reverse(pieces);
  return pieces;
}

}  // namespace heddle::text
