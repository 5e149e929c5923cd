#include "heddle/text/trainers/piece_lattice.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace heddle::text {
namespace {

constexpr double kNone = -std::numeric_limits<double>::infinity();

double log_of_sum(double a, double b) {
  if (a < b) std::swap(a, b);
  return b == kNone ? a : a + std::log1p(std::exp(b - a));
}

}  // namespace

ByteTrie trie_of(std::span<const UnigramPiece> pieces) {
  ByteTrie trie;
  for (size_t i = 0; i < pieces.size(); ++i) trie.add(pieces[i].text, static_cast<int32_t>(i));
  return trie;
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

double PieceLattice::expectations(std::vector<std::pair<int32_t, double>>& expected) {
  before_.assign(bytes_ + 1, kNone);
  behind_.assign(bytes_ + 1, kNone);
  before_[0] = behind_[bytes_] = 0;
  for (const Edge& edge : edges_) before_[edge.end] = log_of_sum(before_[edge.end], before_[edge.begin] + score(edge));
  for (auto edge = edges_.rbegin(); edge != edges_.rend(); ++edge)
    if (behind_[edge->end] != kNone)
      behind_[edge->begin] = log_of_sum(behind_[edge->begin], behind_[edge->end] + score(*edge));
  const double all = before_[bytes_];
  if (all == kNone) return all;
  for (const Edge& edge : edges_)
    if (behind_[edge.end] != kNone)
      expected.emplace_back(edge.piece, std::exp(before_[edge.begin] + score(edge) + behind_[edge.end] - all));
  return all;
}

std::vector<int32_t> PieceLattice::best() const {
  std::vector<double> reached(bytes_ + 1, kNone);
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
