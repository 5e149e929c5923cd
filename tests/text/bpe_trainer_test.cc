// What is learned follows from the counts alone: not from threads, order of lines, or luck of a
// hash.

#include "heddle/text/bpe_trainer.h"

#include <gtest/gtest.h>

#include <map>

#include "heddle/base/clock.h"
#include "heddle/base/random.h"
#include "heddle/base/thread_loop.h"
#include "tests/base/sentence.h"
#include "tests/text/trained_tokenizer.h"

namespace heddle::text {
namespace {

bool equal(const BpeVocabulary& a, const BpeVocabulary& b) { return a.tokens == b.tokens && a.merges == b.merges; }

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

// Words over ten letters, no pair of which gives a token that was there before (that would share
// ids).
TEST(BpeTrainer, EqualsCountingAnew) {
  RandomStream random(RandomKey{.seed = 6});
  for (int trial = 0; trial < 10; ++trial) {
    BpeTrainer trainer;
    std::map<std::vector<int32_t>, int64_t> words;
    for (int i = 0; i < 60; ++i) {
      std::string word;
      std::vector<int32_t> symbols;
      for (uint64_t k = 0; k <= 2 + random.below(5); ++k) {
        const auto letter = static_cast<int>(random.below(10));
        word += static_cast<char>('a' + letter);
        symbols.push_back('a' - '!' + letter);  // ids of the printable ASCII characters, without special tokens
      }
      trainer.add_line(word);
      ++words[symbols];
    }
    const auto learned = trainer.train({.vocab_size = 256 + 12, .min_frequency = 2, .special_tokens = {}});
    EXPECT_EQ(learned.merges, learn_slowly(words, learned.merges.size(), 256)) << "trial " << trial;
  }
}

TEST(BpeTrainer, ThreadsAndOrderOfLinesDoNotMatter) {
  const BpeVocabulary first = trained_vocabulary();
  const int threads = thread_count();
  for (int count : {1, 2, 3, 8}) {
    set_thread_count(count);
    EXPECT_TRUE(equal(first, trained_vocabulary())) << count;
  }
  set_thread_count(threads);
  const std::vector<std::string> lines = {"the cat the dog", "a cat a dog", "dogs and cats", "the end of the cat"};
  const auto learn = [&](std::vector<size_t> order) {
    BpeTrainer trainer;
    for (size_t i : order) trainer.add_line(lines[i]);
    return trainer.train({.vocab_size = 262, .min_frequency = 2, .special_tokens = {}});
  };
  EXPECT_TRUE(equal(learn({0, 1, 2, 3}), learn({3, 1, 0, 2})));
}

TEST(BpeTrainer, WhatTheDataCannotGiveIsASentence) {
  BpeTrainer trainer;
  EXPECT_TRUE(contains(sentence_of([&] { trainer.train({}); }), "empty"));
  trainer.add_line("");
  EXPECT_TRUE(contains(sentence_of([&] { trainer.train({}); }), "empty"));
  trainer.add_line("ab ab");
  const auto sentence =
      sentence_of([&] { trainer.train({.vocab_size = 1000, .min_frequency = 1, .special_tokens = {"<s>"}}); });
  EXPECT_TRUE(contains(sentence, "gives only 259 tokens, not the 1000"));  // 1 + 256 + "ab" + " ab"
  EXPECT_TRUE(
      contains(sentence_of([&] { trainer.train({.vocab_size = 256, .min_frequency = 1, .special_tokens = {"<s>"}}); }),
               "at least 257"));
  EXPECT_TRUE(
      contains(sentence_of([&] { trainer.train({.vocab_size = -5, .min_frequency = 1, .special_tokens = {}}); }),
               "at least 256"));
}

TEST(BpeTrainer, RarePairsAreNotLearned) {
  BpeTrainer trainer;
  for (int i = 0; i < 3; ++i) trainer.add_line("ab");
  for (int i = 0; i < 2; ++i) trainer.add_line("cd");
  const auto learned = trainer.train({.vocab_size = 257, .min_frequency = 3, .special_tokens = {}});
  EXPECT_EQ(learned.tokens.back(), "ab");
  EXPECT_THROW(trainer.train({.vocab_size = 258, .min_frequency = 3, .special_tokens = {}}), InputError);
}

// One word of a million letters; erasing from its middle would take 10^12 moves.
TEST(BpeTrainer, OneLongWordTakesTimeInProportion) {
  BpeTrainer trainer;
  trainer.add_line(std::string(1 << 20, 'a'));
  const double start = steady_seconds();
  const auto learned = trainer.train({.vocab_size = 256 + 10, .min_frequency = 2, .special_tokens = {}});
  EXPECT_EQ(learned.tokens.back(), std::string(1024, 'a'));
  EXPECT_LT(steady_seconds() - start, 10.0);
}

}  // namespace
}  // namespace heddle::text
