// WordPiece by tries gives what WordPiece by its definition gives.

#include "heddle/text/models/word_piece.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "heddle/base/random.h"

namespace heddle::text {
namespace {

// From left to right the longest token that fits; where none does, the piece is unknown (id 0) as a whole.
std::vector<Token> by_definition(const std::vector<std::string>& tokens, const std::string& prefix,
                                 const std::string& piece) {
  std::vector<Token> found;
  for (size_t begin = 0; begin < piece.size();) {
    size_t length = piece.size() - begin;
    const auto id = [&] {
      const std::string candidate = (begin > 0 ? prefix : "") + piece.substr(begin, length);
      return std::ranges::find(tokens, candidate) - tokens.begin();
    };
    while (length > 0 && id() == std::ssize(tokens)) --length;
    if (length == 0) return {{0, 0, static_cast<uint32_t>(piece.size())}};
    found.push_back({static_cast<int32_t>(id()), static_cast<uint32_t>(begin), static_cast<uint32_t>(begin + length)});
    begin += length;
  }
  return found;
}

TEST(WordPiece, EqualsTheDefinition) {
  RandomStream random(RandomKey{.seed = 6});
  const std::string letters[] = {"a", "b", "é", "織", "#"};  // of one to three bytes, and that of the prefix
  const auto random_text = [&](uint64_t longest) {
    std::string text;
    for (uint64_t length = 1 + random.below(longest); length > 0; --length) text += letters[random.below(5)];
    return text;
  };
  int unknown = 0, known = 0;
  for (int trial = 0; trial < 300; ++trial) {
    const std::string prefix = trial % 3 == 0 ? "" : "##";
    std::vector<std::string> tokens = {"[UNK]"};
    for (uint64_t k = random.below(60); k > 0; --k) {
      const std::string token = (random.below(2) ? prefix : "") + random_text(3);
      if (std::ranges::find(tokens, token) == tokens.end()) tokens.push_back(token);
    }
    const WordPiece model(Vocabulary(tokens), {.continuing_subword_prefix = prefix});
    for (int k = 0; k < 30; ++k) {
      const std::string piece = random_text(9);
      std::vector<Token> found;
      model.tokenize(piece, false, found);
      ASSERT_EQ(found, by_definition(tokens, prefix, piece)) << piece;
      ++(found[0].id == 0 ? unknown : known);
    }
  }
  EXPECT_GT(unknown, 500);
  EXPECT_GT(known, 500);
}

}  // namespace
}  // namespace heddle::text
