// Whole tokenizers: each type reads its own text back, and what decides is the text alone.

#include "heddle/text/trainers/tokenizer_trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "heddle/base/random.h"
#include "heddle/base/thread_loop.h"
#include "tests/base/sentence.h"

namespace heddle::text {
namespace {

std::vector<std::string> lines() {
  const std::vector<std::string> words = {"The",  "weaver", "weaves", "warp", "Größe",
                                          "über", "x86",    "2024",   "织机", "it's"};
  RandomStream random(RandomKey{.seed = 51});
  std::vector<std::string> made(300);
  for (std::string& line : made)
    for (uint64_t k = 0; k < 8; ++k) line += (k > 0 ? " " : "") + words[std::min(random.below(10), random.below(10))];
  return made;
}

Tokenizer trained(const TokenizerRecipe& recipe, const std::vector<std::string>& text = lines()) {
  TokenizerTrainer trainer(recipe);
  for (const std::string& line : text) trainer.add(line);
  return trainer.train();
}

TEST(TokenizerTrainer, EveryTypeReadsItsTextBack) {
  for (const std::string& type : tokenizer_types()) {
    const Tokenizer tokenizer = trained({.type = type, .vocab_size = type == "bpe" ? 300 : 90, .coverage = 1.0});
    const Tokenizer loaded = Tokenizer::from_json(tokenizer.to_json(), type);
    const auto unknown = tokenizer.id_of(type == "wordpiece" ? "[UNK]" : "<unk>");
    for (const std::string& line : lines()) {
      const auto ids = tokenizer.encode(line);
      EXPECT_EQ(ids, loaded.encode(line));
      EXPECT_EQ(std::ranges::count(ids, *unknown), 0) << type << ": " << line;
      std::string expected = line;
      if (type == "wordpiece" || type == "word") {  // white space is not kept there, and Chinese stands alone
        std::erase(expected, ' ');
        std::string text = tokenizer.decode(ids);
        std::erase(text, ' ');
        EXPECT_EQ(text, expected) << type;
      } else {
        EXPECT_EQ(tokenizer.decode(ids), expected) << type;
      }
    }
    EXPECT_EQ(tokenizer.to_json(), loaded.to_json()) << type;
  }
}

TEST(TokenizerTrainer, ThreadsAndTheOrderOfLinesDoNotMatter) {
  std::vector<std::string> backwards = lines();
  std::ranges::reverse(backwards);
  const int threads = thread_count();
  for (const std::string& type : tokenizer_types()) {
    const TokenizerRecipe recipe = {.type = type, .vocab_size = type == "bpe" ? 300 : 80};
    set_thread_count(1);
    const std::string one = trained(recipe).to_json();
    set_thread_count(3);
    EXPECT_EQ(one, trained(recipe, backwards).to_json()) << type;
  }
  set_thread_count(threads);
}

TEST(TokenizerTrainer, ProtectedWordsAreNeverSplit) {
  for (const std::string& type : tokenizer_types()) {
    const Tokenizer tokenizer =
        trained({.type = type, .vocab_size = type == "bpe" ? 300 : 90, .protected_words = {"weaver", "New York"}});
    const int32_t weaver = *tokenizer.id_of("weaver"), york = *tokenizer.id_of("New York");
    const auto ids = tokenizer.encode("The weaver, New York");
    EXPECT_EQ(std::ranges::count(ids, weaver), 1) << type;
    EXPECT_EQ(std::ranges::count(ids, york), 1) << type;
    const auto full = tokenizer.encode_full("weavers");  // another word
    EXPECT_FALSE(full.offsets[0] == (Offsets{0, 6}) && full.size() > 3) << type;
    EXPECT_NE(tokenizer.decode(ids).find("New York"), std::string::npos) << type;
  }
  // In small letters it is found however it is written.
  const Tokenizer small = trained({.vocab_size = 300, .lowercase = true, .protected_words = {"NATO"}});
  EXPECT_EQ(std::ranges::count(small.encode("Nato nato NATO"), *small.id_of("NATO")), 3);
}

TEST(TokenizerTrainer, RulesCutTheText) {
  const auto pieces = [](const TokenizerRecipe& recipe, std::string_view text) {
    std::vector<std::string> found;
    trained(recipe).each_piece(text, [&](std::string_view piece, bool) { found.emplace_back(piece); });
    return found;
  };
  using Strings = std::vector<std::string>;
  EXPECT_EQ(pieces({.vocab_size = 300}, "ab 12c"), (Strings{"ab", " 12", "c"}));
  EXPECT_EQ(pieces({.vocab_size = 300, .splits = {"whitespace", "digits"}}, "ab 12c"), (Strings{"ab", "1", "2", "c"}));
  EXPECT_EQ(pieces({.vocab_size = 300, .splits = {"[aeiou]"}}, "bade"), (Strings{"b", "a", "d", "e"}));
  EXPECT_EQ(pieces({.vocab_size = 300, .splits = {"llama3"}}, "12345"), (Strings{"123", "45"}));
  EXPECT_EQ(pieces({.type = "unigram", .vocab_size = 90, .splits = {"punctuation"}}, "it's"),
            (Strings{"▁it", "'", "s"}));
  EXPECT_EQ(pieces({.vocab_size = 300, .splits = {"deepseek"}}, "a 1234日本"), (Strings{"a", " ", "123", "4", "日本"}));
  for (const char* rule : {"[a", "whitespce", "cl100k_base", ""})
    EXPECT_THROW(trained({.splits = {rule}}), InputError) << rule;
}

// However rare capitals are: one mark of three is not seen at all.
TEST(TokenizerTrainer, CaseMarksAreInEveryVocabulary) {
  std::vector<std::string> lines(400, "the small weaver spins and weaves");
  lines.emplace_back("Usa ibms iphone");
  for (const std::string& type : tokenizer_types()) {
    const bool words = type == "word" || type == "wordpiece";
    TokenizerTrainer trainer({.type = type, .vocab_size = type == "bpe" ? 300 : 60, .case_marks = true, .coverage = 1});
    for (const std::string& line : lines) trainer.add(line);
    const Tokenizer tokenizer = trainer.train();
    const std::string text = words ? "The SPINS" : "USA IBMs iPHone The";
    EXPECT_EQ(tokenizer.decode(tokenizer.encode(text)), text) << type;
  }
}

TEST(TokenizerTrainer, TextIsPreparedAsAsked) {
  const Tokenizer small =
      trained({.vocab_size = 300, .lowercase = true, .strip_accents = true, .normalization = "nfkc"});
  EXPECT_EQ(small.decode(small.encode("Größe ÀÉ ﬁ")), "große ae fi");
  const Tokenizer bert = trained({.type = "wordpiece", .vocab_size = 120, .lowercase = true});
  EXPECT_EQ(bert.encode("THE"), bert.encode("the"));
}

TEST(TokenizerTrainer, ByteFallbackKnowsEveryText) {
  for (const char* type : {"char-bpe", "unigram"}) {
    const Tokenizer tokenizer = trained({.type = type, .vocab_size = 350, .byte_fallback = true});
    const auto ids = tokenizer.encode("The ☃ weaver");
    EXPECT_EQ(std::ranges::count(ids, *tokenizer.id_of("<unk>")), 0);
    EXPECT_EQ(tokenizer.decode(ids), "The ☃ weaver") << type;
  }
}

TEST(TokenizerTrainer, SpecialTokensOfOnesOwn) {
  const Tokenizer tokenizer = trained({.type = "word", .vocab_size = 30, .special_tokens = {"[UNK]", "<mask>"}});
  EXPECT_EQ(tokenizer.id_of("<mask>"), 1);
  EXPECT_EQ(tokenizer.encode("The <mask> zebra"), (std::vector<int32_t>{*tokenizer.id_of("The"), 1, 0}));
}

TEST(TokenizerTrainer, TemperatureEvensOutLanguages) {
  std::vector<std::vector<WordCount>> languages(3);
  languages[0] = {{"a", 600}, {"b", 200}};
  languages[1] = {{"b", 40}, {"c", 10}};
  const auto mixed = [&](double temperature) {
    std::map<std::string, int64_t> counts;
    for (const auto& [word, count] : mixed_by_temperature(languages, temperature)) counts[word] = count;
    return counts;
  };
  using Counts = std::map<std::string, int64_t>;
  EXPECT_EQ(mixed(1), (Counts{{"a", 600}, {"b", 240}, {"c", 10}}));
  EXPECT_EQ(mixed(2), (Counts{{"a", 600}, {"b", 360}, {"c", 40}}));     // 800 to 50: by the root 800 to 200
  EXPECT_EQ(mixed(1e9), (Counts{{"a", 600}, {"b", 840}, {"c", 160}}));  // as much of either
  // A vocabulary of two languages has more of the smaller one when it is hotter.
  const auto share = [](double temperature) {
    TokenizerTrainer trainer({.vocab_size = 330, .sampling_temperature = temperature}, 2);
    RandomStream random(RandomKey{.seed = 52});
    for (int i = 0; i < 2000; ++i) {
      std::string large, little;
      for (int k = 0; k < 6; ++k) large += static_cast<char>('a' + random.below(8));
      for (int k = 0; k < 6; ++k) little += static_cast<char>('p' + random.below(8));
      trainer.add(large, 0);
      if (i % 20 == 0) trainer.add(little, 1);
    }
    const Tokenizer tokenizer = trainer.train();
    int of_little = 0;
    for (int32_t id = 260; id < tokenizer.vocab_size(); ++id) of_little += tokenizer.token_of(id)[0] >= 'p';
    return of_little;
  };
  EXPECT_LT(share(1) + 10, share(5));
}

TEST(TokenizerTrainer, AMemoryLimitCostsRareWords) {
  TokenizerTrainer trainer({.vocab_size = 300, .memory_limit = int64_t{4} << 20});
  for (int i = 0; i < 400000; ++i) trainer.add("often w" + std::to_string(i));
  const Tokenizer tokenizer = trainer.train();
  EXPECT_GT(trainer.dropped(), 100000);
  EXPECT_TRUE(tokenizer.id_of("often"));
}

TEST(TokenizerTrainer, WhatDoesNotGoTogetherIsASentence) {
  const auto sentence = [](const TokenizerRecipe& recipe) { return sentence_of([&] { trained(recipe); }); };
  EXPECT_TRUE(contains(sentence({.type = "subword"}), "bpe, char-bpe"));
  EXPECT_TRUE(contains(sentence({.type = "word", .special_tokens = {"<s>"}}), "<unk>"));
  EXPECT_TRUE(contains(sentence({.protected_words = {"a", "a"}}), "twice"));
  EXPECT_TRUE(contains(sentence({.byte_fallback = true}), "byte fallback"));
  EXPECT_TRUE(contains(sentence({.vocab_size = 10}), "at least 260"));
  EXPECT_TRUE(contains(sentence({.type = "char", .vocab_size = 10}), "characters"));
  EXPECT_TRUE(contains(sentence({.sampling_temperature = 0}), "temperature"));
  EXPECT_TRUE(contains(sentence_of([] { TokenizerTrainer({}).train(); }), "empty"));
}

}  // namespace
}  // namespace heddle::text
