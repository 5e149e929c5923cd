#pragma once
// Small vocabularies of bytes for tests of byte-pair encoding, and what joining by the definition gives.

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "heddle/base/random.h"
#include "heddle/text/models/merges.h"

namespace heddle::text {

using Ids = std::vector<int32_t>;
using Pairs = std::vector<std::pair<int32_t, int32_t>>;

// Bytes are their own ids; a merge's token is the text of both, the one there was before if there was one.
struct BytesVocabulary {
  std::vector<std::string> bytes;
  Pairs pairs;
  Merges merges;
  std::array<int32_t, 256> id_of_byte;

  BytesVocabulary() {
    for (int byte = 0; byte < 256; ++byte) {
      bytes.emplace_back(1, static_cast<char>(byte));
      id_of_byte[static_cast<size_t>(byte)] = byte;
    }
  }
  void add(int32_t left, int32_t right) {
    if (std::ranges::find(pairs, std::pair(left, right)) != pairs.end()) return;
    const std::string text = bytes[static_cast<size_t>(left)] + bytes[static_cast<size_t>(right)];
    auto found = std::ranges::find(bytes, text);
    const auto id = static_cast<int32_t>(found - bytes.begin());
    if (found == bytes.end()) bytes.push_back(text);
    merges.add(left, right, static_cast<int32_t>(pairs.size()), id);
    pairs.emplace_back(left, right);
  }
};

// The definition: of all pairs that merge the first learned, of these the leftmost, is joined, until none is left.
inline Ids joined_by_definition(const BytesVocabulary& vocabulary, const std::string& text) {
  Ids symbols;
  for (const char c : text) symbols.push_back(static_cast<unsigned char>(c));
  while (true) {
    size_t best = symbols.size();
    int32_t rank = 0;
    for (size_t i = 0; i + 1 < symbols.size(); ++i) {
      const auto pair = std::ranges::find(vocabulary.pairs, std::pair(symbols[i], symbols[i + 1]));
      const auto mine = static_cast<int32_t>(pair - vocabulary.pairs.begin());
      if (pair == vocabulary.pairs.end() || (best < symbols.size() && mine >= rank)) continue;
      best = i;
      rank = mine;
    }
    if (best == symbols.size()) return symbols;
    symbols[best] = vocabulary.merges.find(symbols[best], symbols[best + 1])->joined;
    symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(best) + 1);
  }
}

inline std::string random_text(RandomStream& random, size_t longest, size_t letters) {
  std::string text;
  for (uint64_t length = 1 + random.below(longest); length > 0; --length) text += "abcd"[random.below(letters)];
  return text;
}

// Few letters and many merges: runs, tokens that several merges give, merges whose parts joining never makes.
inline BytesVocabulary random_vocabulary(RandomStream& random, uint64_t letters) {
  BytesVocabulary vocabulary;
  Ids known;
  for (size_t i = 0; i < letters; ++i) known.push_back("abcd"[i]);
  for (uint64_t merges = random.below(25); merges > 0; --merges) {
    vocabulary.add(known[random.below(known.size())], known[random.below(known.size())]);
    const int32_t id = vocabulary.merges.find(vocabulary.pairs.back().first, vocabulary.pairs.back().second)->joined;
    if (std::ranges::find(known, id) == known.end()) known.push_back(id);
  }
  return vocabulary;
}

}  // namespace heddle::text
