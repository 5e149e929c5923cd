// Finding tokens from left to right gives what joining by the definition gives.

#include "heddle/text/models/bpe_search.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "heddle/base/random.h"

namespace heddle::text {
namespace {

using Ids = std::vector<int32_t>;
using Pairs = std::vector<std::pair<int32_t, int32_t>>;

// Bytes are their own ids; a merge's token is the text of both, the one there was before if there was one.
struct Vocabulary {
  std::vector<std::string> bytes;
  Pairs pairs;
  Merges merges;
  std::array<int32_t, 256> id_of_byte;

  Vocabulary() {
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
  std::optional<BpeSearch> search() const { return BpeSearch::of(bytes, id_of_byte, merges, pairs); }
};

// The definition: of all pairs that merge the first learned, of these the leftmost, is joined, until none is left.
Ids joined_by_definition(const Vocabulary& vocabulary, const std::string& text) {
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

Ids found(const BpeSearch& search, const Vocabulary& vocabulary, const std::string& text) {
  Ids ids = {-7};  // what stands there before stays
  search.append_ids(text, ids, vocabulary.merges);
  EXPECT_EQ(ids.front(), -7);
  ids.erase(ids.begin());
  size_t length = 0;
  for (const int32_t id : ids) length += search.length(id);
  EXPECT_EQ(length, text.size());
  return ids;
}

std::string random_text(RandomStream& random, size_t longest, size_t letters) {
  std::string text;
  for (uint64_t length = 1 + random.below(longest); length > 0; --length) text += "abcd"[random.below(letters)];
  return text;
}

// Few letters and many merges: runs, tokens that several merges give, merges whose parts joining never makes.
TEST(BpeSearch, EqualsTheDefinition) {
  RandomStream random(RandomKey{.seed = 3});
  int searches = 0;
  for (int trial = 0; trial < 400; ++trial) {
    Vocabulary vocabulary;
    const uint64_t letters = 1 + random.below(4);
    Ids known;
    for (size_t i = 0; i < letters; ++i) known.push_back("abcd"[i]);
    for (uint64_t merges = random.below(25); merges > 0; --merges) {
      vocabulary.add(known[random.below(known.size())], known[random.below(known.size())]);
      const int32_t id = vocabulary.merges.find(vocabulary.pairs.back().first, vocabulary.pairs.back().second)->joined;
      if (std::ranges::find(known, id) == known.end()) known.push_back(id);
    }
    const auto search = vocabulary.search();
    if (!search) continue;
    ++searches;
    for (int text = 0; text < 40; ++text) {
      const std::string piece = random_text(random, 40, letters);
      ASSERT_EQ(found(*search, vocabulary, piece), joined_by_definition(vocabulary, piece)) << trial << " " << piece;
    }
  }
  EXPECT_GT(searches, 200);
}

// The longest first would go wrong again and again: "ab" is a token, and "aab" is cut as "aa" and "b".
TEST(BpeSearch, TakesBackWhatLeadsNowhere) {
  Vocabulary vocabulary;
  vocabulary.add('a', 'a');
  vocabulary.add('a', 'b');
  vocabulary.add(256, 256);
  vocabulary.add(257, 257);
  const auto search = vocabulary.search();
  ASSERT_TRUE(search);
  for (const std::string piece : {"aab", "aaab", "aaaab", "aaaaab", "abab", "aabab", "ababab"})
    EXPECT_EQ(found(*search, vocabulary, piece), joined_by_definition(vocabulary, piece)) << piece;
}

TEST(BpeSearch, MergesOutOfOrderAreLeftToJoining) {
  Vocabulary vocabulary;
  vocabulary.bytes.push_back("ab");
  vocabulary.bytes.push_back("abc");
  vocabulary.merges.add(256, 'c', 0, 257);  // before its left part can be there
  vocabulary.merges.add('a', 'b', 1, 256);
  vocabulary.pairs = {{256, 'c'}, {'a', 'b'}};
  EXPECT_FALSE(vocabulary.search());
}

// Linear: a run as long as a book takes no longer than its length.
TEST(BpeSearch, LongRunsTakeLinearTime) {
  Vocabulary vocabulary;
  int32_t run = 'a';
  for (int i = 0; i < 8; ++i) {
    vocabulary.add(run, run);
    run = vocabulary.merges.find(run, run)->joined;
  }
  const auto search = vocabulary.search();
  ASSERT_TRUE(search);
  const Ids ids = found(*search, vocabulary, std::string(1'000'003, 'a'));
  EXPECT_EQ(std::ranges::count(ids, run), 1'000'003 / 256);
}

}  // namespace
}  // namespace heddle::text
