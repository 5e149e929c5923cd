// Vocabularies against definitions that count anew, and against those of `tokenizers`
// (fixtures/trainers/make_trained.py).

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "heddle/base/file.h"
#include "heddle/base/random.h"
#include "heddle/text/trainers/whole_words.h"
#include "heddle/text/trainers/wordpiece_trainer.h"
#include "tests/base/sentence.h"
#include "tests/places/places.h"

namespace heddle::text {
namespace {

using Json = nlohmann::json;
using Strings = std::vector<std::string>;

Json fixture() { return Json::parse(read_file(source_path("tests/text/fixtures/trainers/trained.json"), 1 << 24)); }

std::vector<WordCount> words_of(const Json& counts) {
  std::vector<WordCount> words;
  for (const auto& [word, count] : counts.items()) words.push_back({word, count.get<int64_t>()});
  return words;
}

TEST(Trainers, WordPieceByFrequencyHasThePeersVocabularies) {
  const Json answers = fixture();
  const auto words = words_of(answers["words"]);
  ASSERT_GE(answers["wordpiece"].size(), 10U);
  for (const Json& answer : answers["wordpiece"]) {
    WordPieceTrainerOptions options;
    options.vocab_size = answer["vocab_size"];
    options.min_frequency = answer["min_frequency"];
    options.special_tokens = {"[UNK]", "[PAD]"};
    options.score = PairScore::frequency;
    Strings tokens = train_wordpiece(words, options);
    std::ranges::sort(tokens);
    EXPECT_EQ(tokens, answer["tokens"].get<Strings>()) << options.vocab_size << " " << options.min_frequency;
  }
}

TEST(Trainers, WordLevelHasThePeersVocabulary) {
  const Json answers = fixture();
  const Strings tokens = word_level_vocabulary(
      words_of(answers["words"]), {.vocab_size = 200, .min_frequency = 0, .special_tokens = {"[UNK]", "[PAD]"}});
  EXPECT_EQ(tokens, answers["word_level"].get<Strings>());
}

// The definition of WordPiece: all counts anew after each join.
Strings learn_slowly(const std::vector<WordCount>& words, Strings tokens, size_t vocab_size, int64_t min_frequency) {
  std::map<std::string, int> ids;
  for (const std::string& token : tokens) ids.emplace(token, ids.size());
  std::map<Strings, int64_t> split;
  for (const auto& [word, count] : words) {
    Strings symbols;
    for (const char c : word) symbols.push_back((symbols.empty() ? "" : "##") + std::string(1, c));
    split[symbols] += count;
  }
  double characters = 0;
  for (const auto& [word, count] : split) characters += static_cast<double>(count) * static_cast<double>(word.size());
  while (tokens.size() < vocab_size) {
    std::map<std::pair<int, int>, int64_t> pairs;
    std::map<int, int64_t> symbols;
    for (const auto& [word, count] : split)
      for (size_t i = 0; i < word.size(); ++i) {
        symbols[ids[word[i]]] += count;
        if (i + 1 < word.size()) pairs[{ids[word[i]], ids[word[i + 1]]}] += count;
      }
    double best_score = -1e300;
    std::pair<int, int> best;
    for (const auto& [pair, count] : pairs) {
      const auto log_of = [](int64_t n) { return std::log(static_cast<double>(n)); };
      const double score = static_cast<double>(count) * (log_of(count) + std::log(characters) -
                                                         log_of(symbols[pair.first]) - log_of(symbols[pair.second]));
      if (count >= min_frequency && score > best_score) best_score = score, best = pair;
    }
    if (best_score == -1e300) break;
    const std::string left = tokens[static_cast<size_t>(best.first)], right = tokens[static_cast<size_t>(best.second)];
    const std::string joined = left + (right.starts_with("##") ? right.substr(2) : right);
    if (ids.emplace(joined, ids.size()).second) tokens.push_back(joined);
    std::map<Strings, int64_t> after;
    for (const auto& [word, count] : split) {
      Strings changed;
      for (size_t i = 0; i < word.size(); ++i) {
        const bool meets = i + 1 < word.size() && word[i] == left && word[i + 1] == right;
        changed.push_back(meets ? joined : word[i]);
        i += meets;
      }
      after[changed] += count;
    }
    split = std::move(after);
  }
  return tokens;
}

TEST(Trainers, WordPieceByLikelihoodEqualsCountingAnew) {
  RandomStream random(RandomKey{.seed = 21});
  for (int trial = 0; trial < 20; ++trial) {
    std::map<std::string, int64_t> counts;
    for (int i = 0; i < 40; ++i) {
      std::string word;
      for (uint64_t k = 0; k <= random.below(7); ++k) word += static_cast<char>('a' + random.below(4));
      counts[word] += 1 + static_cast<int64_t>(random.below(9));
    }
    std::vector<WordCount> words;
    for (const auto& [word, count] : counts) words.push_back({word, count});
    WordPieceTrainerOptions options;
    options.vocab_size = 60;
    options.min_frequency = trial % 3;
    const Strings tokens = train_wordpiece(words, options);
    const auto is_character = [](const std::string& t) { return t.size() == 1 || (t.size() == 3 && t[0] == '#'); };
    const Strings start(tokens.begin(), std::ranges::find_if_not(tokens, is_character));
    ASSERT_GT(tokens.size(), start.size() + 20);
    EXPECT_EQ(tokens, learn_slowly(words, start, 60, options.min_frequency)) << trial;
  }
}

TEST(Trainers, WordsOutsideTheAlphabetAreLeftOut) {
  const std::vector<WordCount> words = {{"ab", 99}, {"abz", 1}};
  WordPieceTrainerOptions options;
  options.alphabet.coverage = 0.99;
  EXPECT_EQ(train_wordpiece(words, options), (Strings{"a", "b", "##b", "ab"}));
  options.alphabet.always = {'q'};
  EXPECT_EQ(train_wordpiece(words, options), (Strings{"a", "b", "q", "##b", "ab"}));
}

TEST(Trainers, CoverageAndLimitKeepTheMostFrequentCharacters) {
  const std::vector<WordCount> words = {{"aaaa", 10}, {"bb", 20}, {"çd", 10}};
  EXPECT_EQ(character_vocabulary(words, Strings{"<pad>"}, {}), (Strings{"<pad>", "a", "b", "d", "ç"}));
  EXPECT_EQ(character_vocabulary(words, {}, {.coverage = 0.8, .limit = 0, .always = {}}), (Strings{"a", "b"}));
  EXPECT_EQ(character_vocabulary(words, {}, {.coverage = 0.85, .limit = 0, .always = {}}), (Strings{"a", "b", "d"}));
  EXPECT_EQ(character_vocabulary(words, {}, {.coverage = 1, .limit = 1, .always = {0xE7, 'x', 'x'}}),
            (Strings{"a", "ç", "x"}));
}

TEST(Trainers, WhatCannotBeLearnedIsASentence) {
  const std::vector<WordCount> none, some = {{"ab", 1}}, broken = {{"a\xFF", 1}};
  EXPECT_TRUE(contains(sentence_of([&] { train_wordpiece(none, {}); }), "is empty"));
  EXPECT_TRUE(contains(sentence_of([&] { word_level_vocabulary(none, {}); }), "is empty"));
  EXPECT_TRUE(contains(sentence_of([&] { character_vocabulary(none, {}, {}); }), "is empty"));
  EXPECT_TRUE(contains(sentence_of([&] { character_vocabulary(broken, {}, {}); }), "not UTF-8 at byte 1"));
  EXPECT_TRUE(contains(sentence_of([&] { character_vocabulary(some, {}, {.coverage = 0, .limit = 0, .always = {}}); }),
                       "coverage is 0"));
  EXPECT_TRUE(contains(sentence_of([&] { character_vocabulary(some, {}, {.coverage = 1, .limit = -1, .always = {}}); }),
                       "limited to -1"));
  WordPieceTrainerOptions options;
  options.vocab_size = 2;
  EXPECT_TRUE(contains(sentence_of([&] { train_wordpiece(some, options); }), "at least 3"));
  EXPECT_TRUE(contains(
      sentence_of([&] { word_level_vocabulary(some, {.vocab_size = 1, .min_frequency = 0, .special_tokens = {"a"}}); }),
      "at least 2"));
}

}  // namespace
}  // namespace heddle::text
