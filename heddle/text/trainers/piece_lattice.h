#pragma once
// The best way to cut a word into pieces with scores (log probabilities).

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "heddle/text/models/byte_trie.h"

namespace heddle::text {

struct UnigramPiece {
  std::string text;
  double score;  // natural logarithm of its probability
};

// The pieces' numbers by their texts.
ByteTrie trie_of(std::span<const UnigramPiece> pieces);

class PieceLattice {
 public:
  PieceLattice(std::span<const UnigramPiece> pieces, const ByteTrie& trie) : pieces_(pieces), trie_(trie) {}

  // Takes up a word; `left_out` is a piece that may not be used.
  void set(std::string_view word, int32_t left_out = -1);

  // The most probable cut; empty where there is none. Of equals the one whose last pieces are the longest.
  std::vector<int32_t> best() const;

 private:
  struct Edge {
    size_t begin, end;
    int32_t piece;
  };
  double score(const Edge& edge) const { return pieces_[static_cast<size_t>(edge.piece)].score; }

  std::span<const UnigramPiece> pieces_;
  const ByteTrie& trie_;
  size_t bytes_ = 0;
  std::vector<Edge> edges_;    // by begin
  std::vector<bool> reached_;  // by byte, from the word's begin
};

}  // namespace heddle::text
