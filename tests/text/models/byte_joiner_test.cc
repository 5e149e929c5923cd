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
      const std::string piece = random_text(random, ByteJoiner::kMostSymbols, letters);
      ASSERT_EQ(joined(*joiner, piece), joined_by_definition(vocabulary, piece)) << trial << " " << piece;
    }
    const std::string longest(ByteJoiner::kMostSymbols, 'a');
    ASSERT_EQ(joined(*joiner, longest), joined_by_definition(vocabulary, longest)) << trial;
  }
}

// So many merges that the table has many groups.
TEST(ByteJoiner, KeepsThousandsOfPairsApart) {
  RandomStream random(RandomKey{.seed = 5});
  BytesVocabulary vocabulary;
  for (int i = 0; i < 3000; ++i) {
    const uint64_t left = random.below(vocabulary.bytes.size() - 128);
    vocabulary.add(static_cast<int32_t>(left < 128 ? left : left + 128), static_cast<int32_t>(random.below(128)));
  }
  const auto joiner = joiner_of(vocabulary);
  ASSERT_TRUE(joiner);
  for (int trial = 0; trial < 100; ++trial) {
    std::string piece;
    while (piece.size() < 40) piece += vocabulary.bytes[256 + random.below(vocabulary.bytes.size() - 256)];
    piece.resize(1 + random.below(40));
    ASSERT_EQ(joined(*joiner, piece), joined_by_definition(vocabulary, piece)) << trial;
  }
}

// Characters of one to four bytes, whose bytes join by themselves, with neighbours, or across their borders first.
TEST(ByteJoiner, EqualsTheDefinitionOnCharactersOfSeveralBytes) {
  RandomStream random(RandomKey{.seed = 6});
  const std::vector<std::string> characters = {
      "a", "\xC3\xA9", "\xC3\xA4", "\xE4\xB8\xAD", "\xE4\xB8\x80", "\xE4\xB9\xAD", "\xE5\xB8\xAD", "\xF0\x9F\x98\x80"};
  const auto text_of = [&](uint64_t count) {
    std::string text;
    for (; count > 0; --count) text += characters[random.below(characters.size())];
    return text;
  };
  size_t whole = 0;
  for (int trial = 0; trial < 200; ++trial) {
    BytesVocabulary vocabulary;
    for (int i = 0; i < 40; ++i) {  // as training does: neighbours of a text, joined as far as they are
      const Ids symbols = joined_by_definition(vocabulary, text_of(4));
      if (symbols.size() < 2) continue;
      const size_t at = random.below(symbols.size() - 1);
      vocabulary.add(symbols[at], symbols[at + 1]);
    }
    const auto joiner = joiner_of(vocabulary);
    ASSERT_TRUE(joiner);
    const WholeCharacters found(vocabulary.id_of_byte, vocabulary.merges, vocabulary.pairs);
    for (const uint32_t c : {0xE9u, 0xE4u, 0x4E2Du, 0x4E00u, 0x4E6Du, 0x5E2Du})
      whole += found.find(c) != WholeCharacters::kNone;
    for (int text = 0; text < 20; ++text) {
      const std::string piece = text_of(1 + random.below(10));
      ASSERT_EQ(joined(*joiner, piece), joined_by_definition(vocabulary, piece)) << trial << " " << piece;
    }
  }
  EXPECT_GT(whole, 60);
  EXPECT_LT(whole, 1140);
}

TEST(ByteJoiner, IsNotForPiecesThatAreTooLongOrNoUtf8) {
  BytesVocabulary vocabulary;
  vocabulary.add('a', 'b');
  const auto joiner = joiner_of(vocabulary);
  Ids ids;
  EXPECT_FALSE(joiner->append_ids(std::string(ByteJoiner::kMostSymbols + 1, 'a'), ids));
  EXPECT_FALSE(joiner->append_ids("ab\xE4\xB8", ids));
  EXPECT_FALSE(
      joiner->append_ids("\xAD"
                         "ab",
                         ids));
  EXPECT_TRUE(ids.empty());
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
