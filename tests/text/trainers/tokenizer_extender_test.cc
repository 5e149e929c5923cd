// What is added is used, what was there stays as it was.

#include "heddle/text/trainers/tokenizer_extender.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "heddle/base/random.h"
#include "heddle/text/models/bpe.h"
#include "heddle/text/trainers/tokenizer_trainer.h"
#include "tests/base/sentence.h"

namespace heddle::text {
namespace {

std::vector<std::string> lines(uint64_t seed = 71) {
  const std::vector<std::string> words = {"weaver", "weaves", "warp", "loom", "shuttle", "cloth", "thread", "spindle"};
  RandomStream random(RandomKey{.seed = seed});
  std::vector<std::string> made(200);
  for (std::string& line : made)
    for (int k = 0; k < 8; ++k) line += (k > 0 ? " " : "") + words[random.below(8)];
  return made;
}

Tokenizer trained(const std::string& type, int64_t vocab_size) {
  TokenizerTrainer trainer({.type = type, .vocab_size = vocab_size, .coverage = 1.0});
  for (const std::string& line : lines()) trainer.add(line);
  return trainer.train();
}

TEST(TokenizerExtender, GivenWordsAreOneTokenEach) {
  for (const std::string& type : tokenizer_types()) {
    const Tokenizer old = trained(type, type == "bpe" ? 275 : 40);
    const std::vector<std::string> words = {"warp", "loom", "silk", "warp", "raw silk"};
    const Extension grown = extend_by_words(old, words);
    const Tokenizer loaded = Tokenizer::from_json(grown.tokenizer.to_json(), type);
    EXPECT_EQ(grown.tokenizer.vocab_size(), old.vocab_size() + std::ssize(grown.old_pieces));
    for (const char* word : {"warp", "loom", "silk", "raw silk"}) {
      const auto id = loaded.id_of(word);
      ASSERT_TRUE(id) << type << " " << word;
      EXPECT_EQ(std::ranges::count(loaded.encode("the " + std::string(word) + ", too"), *id), 1) << type << " " << word;
      if (*id >= old.vocab_size()) {
        EXPECT_EQ(grown.old_pieces[static_cast<size_t>(*id - old.vocab_size())], old.encode(word, false)) << word;
      }
    }
    EXPECT_EQ(loaded.encode("weaver spindle"), old.encode("weaver spindle")) << type;
    for (int32_t id = 0; id < old.vocab_size(); ++id) EXPECT_EQ(loaded.token_of(id), old.token_of(id));
  }
  const Tokenizer old = trained("bpe", 275);
  EXPECT_TRUE(contains(sentence_of([&] { extend_by_words(old, std::vector<std::string>{""}); }), "empty"));
  EXPECT_TRUE(contains(sentence_of([&] { extend_by_words(old, {{std::string(2000, 'a')}}); }), "longer"));
}

// From the same text a vocabulary that goes on is the one that never stopped.
TEST(TokenizerExtender, BpeGoesOnWhereItEnded) {
  for (const char* type : {"bpe", "char-bpe"}) {
    const int64_t start = type == std::string("bpe") ? 270 : 35;
    const Tokenizer first = trained(type, start), whole = trained(type, start + 12);
    TokenizerExtender extender(first, 0);
    for (const std::string& line : lines()) extender.add(line);
    const Extension grown = extender.extend(12, 2);
    EXPECT_EQ(grown.tokenizer.to_json(), whole.to_json()) << type;
    ASSERT_EQ(grown.old_pieces.size(), 12U);
    for (size_t i = 0; i < grown.old_pieces.size(); ++i)
      EXPECT_EQ(first.decode(grown.old_pieces[i]),
                grown.tokenizer.decode({{first.vocab_size() + static_cast<int32_t>(i)}}));
  }
}

TEST(TokenizerExtender, EveryTypeUsesWhatItLearned) {
  for (const char* type : {"wordpiece", "unigram", "word"}) {
    const Tokenizer old = trained(type, 44);
    std::vector<std::string> text;
    for (int i = 0; i < 50; ++i) text.emplace_back("silken threads of the spindles");
    TokenizerExtender extender(old, int64_t{64} << 20);
    for (const std::string& line : text) extender.add(line);
    const Extension grown = extender.extend(4, 2);
    const Tokenizer loaded = Tokenizer::from_json(grown.tokenizer.to_json(), type);
    EXPECT_EQ(loaded.vocab_size(), old.vocab_size() + 4) << type;
    const auto before = old.encode(text[0]), after = loaded.encode(text[0]);
    EXPECT_GT(std::ranges::count_if(after, [&](int32_t id) { return id >= old.vocab_size(); }), 0) << type;
    EXPECT_LE(after.size(), before.size()) << type;
    for (int32_t id = 0; id < old.vocab_size(); ++id) EXPECT_EQ(loaded.token_of(id), old.token_of(id));
    for (const auto& pieces : grown.old_pieces) EXPECT_FALSE(pieces.empty());
  }
}

// Added tokens that the model lacks keep their ids when the model grows.
TEST(TokenizerExtender, WordsFirstAndThenText) {
  const Tokenizer old = trained("bpe", 270);
  const Extension words = extend_by_words(old, std::vector<std::string>{"silk", "flax"});
  TokenizerExtender extender(words.tokenizer, 0);
  for (const std::string& line : lines()) extender.add(line);
  const Extension grown = extender.extend(5, 2);
  const Tokenizer loaded = Tokenizer::from_json(grown.tokenizer.to_json(), "grown");
  EXPECT_EQ(loaded.vocab_size(), 277);
  EXPECT_EQ(*loaded.id_of("silk"), 270);
  EXPECT_EQ(*loaded.id_of("flax"), 271);
  EXPECT_EQ(loaded.encode("silk", false), std::vector<int32_t>{270});
}

TEST(TokenizerExtender, NothingToLearnFromIsASentence) {
  EXPECT_TRUE(contains(sentence_of([] { TokenizerExtender(trained("bpe", 270), 0).extend(5, 2); }), "empty"));
}

}  // namespace
}  // namespace heddle::text
