// Finding tokens from left to right gives what joining by the definition gives.

#include "heddle/text/models/bpe_search.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/text/models/bytes_vocabulary.h"

namespace heddle::text {
namespace {

std::optional<BpeSearch> search_of(const BytesVocabulary& vocabulary) {
  return BpeSearch::of(vocabulary.bytes, vocabulary.id_of_byte, vocabulary.merges, vocabulary.pairs);
}

Ids found(const BpeSearch& search, const BytesVocabulary& vocabulary, const std::string& text) {
  Ids ids = {-7};  // what stands there before stays
  search.append_ids(text, ids, vocabulary.merges);
  EXPECT_EQ(ids.front(), -7);
  ids.erase(ids.begin());
  size_t length = 0;
  for (const int32_t id : ids) length += search.length(id);
  EXPECT_EQ(length, text.size());
  return ids;
}

TEST(BpeSearch, EqualsTheDefinition) {
  RandomStream random(RandomKey{.seed = 3});
  int searches = 0;
  for (int trial = 0; trial < 400; ++trial) {
    const uint64_t letters = 1 + random.below(4);
    const BytesVocabulary vocabulary = random_vocabulary(random, letters);
    const auto search = search_of(vocabulary);
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
  BytesVocabulary vocabulary;
  vocabulary.add('a', 'a');
  vocabulary.add('a', 'b');
  vocabulary.add(256, 256);
  vocabulary.add(257, 257);
  const auto search = search_of(vocabulary);
  ASSERT_TRUE(search);
  for (const std::string piece : {"aab", "aaab", "aaaab", "aaaaab", "abab", "aabab", "ababab"})
    EXPECT_EQ(found(*search, vocabulary, piece), joined_by_definition(vocabulary, piece)) << piece;
}

TEST(BpeSearch, MergesOutOfOrderAreLeftToJoining) {
  BytesVocabulary vocabulary;
  vocabulary.bytes.push_back("ab");
  vocabulary.bytes.push_back("abc");
  vocabulary.merges.add(256, 'c', 0, 257);  // before its left part can be there
  vocabulary.merges.add('a', 'b', 1, 256);
  vocabulary.pairs = {{256, 'c'}, {'a', 'b'}};
  EXPECT_FALSE(search_of(vocabulary));
}

// Linear: a run as long as a book takes no longer than its length.
TEST(BpeSearch, LongRunsTakeLinearTime) {
  BytesVocabulary vocabulary;
  int32_t run = 'a';
  for (int i = 0; i < 8; ++i) {
    vocabulary.add(run, run);
    run = vocabulary.merges.find(run, run)->joined;
  }
  const auto search = search_of(vocabulary);
  ASSERT_TRUE(search);
  const Ids ids = found(*search, vocabulary, std::string(1'000'003, 'a'));
  EXPECT_EQ(std::ranges::count(ids, run), 1'000'003 / 256);
}

}  // namespace
}  // namespace heddle::text
