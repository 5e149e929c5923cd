// Merges against their definition, which counts all pairs anew after each.

#include "heddle/text/trainers/bpe_trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "heddle/base/clock.h"
#include "heddle/base/random.h"
#include "tests/base/sentence.h"

namespace heddle::text {
namespace {

// Words as the trainer gets them from lines with spaces between.
std::vector<WordCount> words_of(const std::vector<std::string>& lines) {
  std::map<std::string, int64_t> counts;
  for (const std::string& line : lines) {
    std::istringstream words(line);
    for (std::string word; words >> word;) ++counts[word];
  }
  std::vector<WordCount> words;
  for (const auto& [word, count] : counts) words.push_back({word, count});
  return words;
}

// The definition: count all pairs anew after each merge.
std::vector<std::pair<int32_t, int32_t>> learn_slowly(std::map<std::vector<int32_t>, int64_t> words, size_t merges,
                                                      int32_t next) {
  std::vector<std::pair<int32_t, int32_t>> learned;
  while (learned.size() < merges) {
    std::map<std::pair<int32_t, int32_t>, int64_t> counts;
    for (const auto& [word, count] : words)
      for (size_t i = 0; i + 1 < word.size(); ++i) counts[{word[i], word[i + 1]}] += count;
    auto best = counts.begin();
    for (auto it = counts.begin(); it != counts.end(); ++it)
      if (it->second > best->second) best = it;
    if (counts.empty() || best->second < 2) break;
    learned.push_back(best->first);
    std::map<std::vector<int32_t>, int64_t> joined;
    for (const auto& [word, count] : words) {
      std::vector<int32_t> changed;
      for (size_t i = 0; i < word.size(); ++i) {
        const bool meets = i + 1 < word.size() && std::pair(word[i], word[i + 1]) == best->first;
        changed.push_back(meets ? next : word[i]);
        i += meets;
      }
      joined[changed] += count;
    }
    words = std::move(joined);
    ++next;
  }
  return learned;
}

// Words over few letters. Where two joins give one token the definition below, which knows no texts, has another id:
// such trials end there.
TEST(BpeTrainer, EqualsCountingAnew) {
  RandomStream random(RandomKey{.seed = 6});
  for (int trial = 0; trial < 40; ++trial) {
    const uint64_t letters = 2 + random.below(9);  // few: runs of equal letters, pairs that overlap
    std::vector<std::string> lines;
    std::map<std::vector<int32_t>, int64_t> words;
    for (int i = 0; i < 60; ++i) {
      std::string word;
      std::vector<int32_t> symbols;
      for (uint64_t k = 0; k <= 2 + random.below(9); ++k) {
        const auto letter = static_cast<int>(random.below(letters));
        word += static_cast<char>('a' + letter);
        symbols.push_back('a' - '!' + letter);  // ids of the printable ASCII characters, without special tokens
      }
      lines.push_back(word);
      ++words[symbols];
    }
    const auto learned = train_bpe(words_of(lines), {.vocab_size = 256 + 12});
    const size_t distinct = std::min(learned.merges.size(), learned.tokens.size() - 256);
    const auto slow = learn_slowly(words, distinct, 256);
    ASSERT_GE(slow.size(), 5u);
    for (size_t i = 0; i < slow.size(); ++i) {
      if (i > 0 && learned.merges.size() != distinct) break;
      EXPECT_EQ(learned.merges[i], slow[i]) << "trial " << trial << ", merge " << i;
    }
  }
}

TEST(BpeTrainer, WhatJoinsTwoWaysIsOneToken) {
  // "ab" + "c" and "a" + "bc" both give "abc".
  const auto learned = train_bpe(words_of({"abc abc abc abc", "xab xab xab xab xab", "bcy bcy bcy bcy bcy bcy", "abc"}),
                                 {.vocab_size = 300, .min_frequency = 2});
  EXPECT_EQ(std::ranges::count(learned.tokens, "abc"), 1);
  EXPECT_EQ(std::ranges::count(learned.tokens, "xab"), 1);
}

TEST(BpeTrainer, CharactersOutsideTheAlphabetCutWords) {
  BpeTrainerOptions options = {.vocab_size = 20, .min_frequency = 1, .first_tokens = {"<unk>"}, .bytes = false};
  options.alphabet.limit = 2;
  const auto learned = train_bpe(words_of({"aébaéb aéb ab"}), options);
  EXPECT_EQ(learned.tokens, (std::vector<std::string>{"<unk>", "a", "b", "ab", "ba"}));
}

TEST(BpeTrainer, WhatTheDataCannotGiveIsASentence) {
  EXPECT_TRUE(contains(sentence_of([&] { train_bpe({}, {}); }), "empty"));
  const auto words = words_of({"ab ab"});
  EXPECT_EQ(train_bpe(words, {.vocab_size = 1000, .min_frequency = 1, .first_tokens = {"<s>"}}).tokens.size(), 258u);
  EXPECT_TRUE(
      contains(sentence_of([&] { train_bpe(words, {.vocab_size = 256, .first_tokens = {"<s>"}}); }), "at least 257"));
  EXPECT_TRUE(contains(sentence_of([&] { train_bpe(words, {.vocab_size = -5}); }), "at least 256"));
}

TEST(BpeTrainer, RarePairsAreNotLearned) {
  const auto words = words_of({"ab ab ab cd cd"});
  EXPECT_EQ(train_bpe(words, {.vocab_size = 258, .min_frequency = 3}).tokens.back(), "ab");
  EXPECT_EQ(train_bpe(words, {.vocab_size = 258, .min_frequency = 2}).tokens.back(), "cd");
}

// One word of a million letters; erasing from its middle would take 10^12 moves.
TEST(BpeTrainer, OneLongWordTakesTimeInProportion) {
  const std::vector<WordCount> words = {{std::string(1 << 20, 'a'), 1}};
  const double start = steady_seconds();
  const auto learned = train_bpe(words, {.vocab_size = 256 + 10, .min_frequency = 2});
  EXPECT_EQ(learned.tokens.back(), std::string(1024, 'a'));
  EXPECT_LT(steady_seconds() - start, 10.0);
}

}  // namespace
}  // namespace heddle::text
