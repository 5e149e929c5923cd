// Joining short pieces of bytes gives what joining by the definition gives.

#include "heddle/text/models/byte_joiner.h"

#include <gtest/gtest.h>

#include "tests/text/models/bytes_vocabulary.h"

namespace heddle::text {
namespace {

std::optional<ByteJoiner> joiner_of(const BytesVocabulary& vocabulary) {
  return ByteJoiner::of(vocabulary.id_of_byte, vocabulary.merges, vocabulary.pairs);
}

Ids joined(const ByteJoiner& joiner, const std::string& text) {
  Ids ids = {-7};  // what stands there before stays
  joiner.append_ids(text, ids);
  EXPECT_EQ(ids.front(), -7);
  ids.erase(ids.begin());
  return ids;
}

TEST(ByteJoiner, EqualsTheDefinition) {
  RandomStream random(RandomKey{.seed = 4});
  for (int trial = 0; trial < 400; ++trial) {
    const uint64_t letters = 1 + random.below(4);
    const BytesVocabulary vocabulary = random_vocabulary(random, letters);
    const auto joiner = joiner_of(vocabulary);
    ASSERT_TRUE(joiner);
    for (int text = 0; text < 40; ++text) {
      const std::string piece = random_text(random, ByteJoiner::kLongest, letters);
      ASSERT_EQ(joined(*joiner, piece), joined_by_definition(vocabulary, piece)) << trial << " " << piece;
    }
    const std::string longest(ByteJoiner::kLongest, 'a');
    ASSERT_EQ(joined(*joiner, longest), joined_by_definition(vocabulary, longest)) << trial;
  }
}

// All bytes, and so many merges that the table has many groups.
TEST(ByteJoiner, KeepsThousandsOfPairsApart) {
  RandomStream random(RandomKey{.seed = 5});
  BytesVocabulary vocabulary;
  for (int i = 0; i < 3000; ++i)
    vocabulary.add(static_cast<int32_t>(random.below(vocabulary.bytes.size())),
                   static_cast<int32_t>(random.below(256)));
  const auto joiner = joiner_of(vocabulary);
  ASSERT_TRUE(joiner);
  for (int trial = 0; trial < 300; ++trial) {
    std::string piece;
    while (piece.size() < 40) piece += vocabulary.bytes[random.below(vocabulary.bytes.size())];
    piece.resize(1 + random.below(40));
    ASSERT_EQ(joined(*joiner, piece), joined_by_definition(vocabulary, piece)) << trial;
  }
}

TEST(ByteJoiner, IsNotForPairsOfOneRankThatGiveDifferentTokens) {
  BytesVocabulary vocabulary;
  vocabulary.add('a', 'b');
  EXPECT_TRUE(joiner_of(vocabulary));
  vocabulary.merges.add('b', 'a', 0, 300);
  vocabulary.pairs.emplace_back('b', 'a');
  EXPECT_FALSE(joiner_of(vocabulary));
}

}  // namespace
}  // namespace heddle::text
