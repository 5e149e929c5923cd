// Counts do not depend on threads, and a limit holds.

#include "heddle/text/trainers/word_counts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "heddle/base/random.h"
#include "heddle/base/thread_loop.h"
#include "tests/base/sentence.h"
#include "tests/places/places.h"

namespace heddle::text {
namespace {

void split_at_spaces(std::string_view text, const WordCounter::Take& take) {
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    if (end > 0) take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// More than a block is counted in at a time; less under a sanitizer, where it takes long.
const int64_t kLines = memory_is_ours() ? 9000 : 5000;  // of 1000 bytes

// A few frequent words among numbers that hardly come again.
std::vector<std::string> lines() {
  RandomStream random(RandomKey{.seed = 2});
  std::vector<std::string> made(static_cast<size_t>(kLines));
  for (std::string& line : made)
    while (line.size() < 1000) {
      line += random.below(2) == 0 ? "word" + std::to_string(random.below(50)) : std::to_string(random.next64());
      line += ' ';
    }
  return made;
}

std::vector<WordCount> counted(const std::vector<std::string>& texts, int64_t limit, int64_t* dropped = nullptr) {
  WordCounter counter(split_at_spaces, limit);
  for (const std::string& text : texts) counter.add(text);
  std::vector<WordCount> words = counter.take();
  if (dropped) *dropped = counter.dropped();
  return words;
}

bool equal(const std::vector<WordCount>& a, const std::vector<WordCount>& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) { return x.word == y.word && x.count == y.count; });
}

TEST(WordCounts, AreThoseOfSortedWordsAtAnyThreadCount) {
  const auto texts = lines();
  std::vector<std::string_view> sorted;
  for (const std::string& text : texts) split_at_spaces(text, [&](std::string_view word) { sorted.push_back(word); });
  std::ranges::sort(sorted);
  const int threads = thread_count();
  for (const int count : {1, 3}) {
    set_thread_count(count);
    int64_t dropped = 0;
    const auto words = counted(texts, 0, &dropped);
    EXPECT_EQ(dropped, 0);
    auto expected = sorted.begin();
    for (const auto& [word, times] : words) {
      const auto end = std::find_if(expected, sorted.end(), [&](std::string_view other) { return other != word; });
      ASSERT_EQ(times, end - expected) << word;
      expected = end;
    }
    EXPECT_EQ(expected, sorted.end());
  }
  set_thread_count(threads);
}

TEST(WordCounts, ALimitDropsRareWordsAlikeAtAnyThreadCount) {
  const auto texts = lines();
  const int64_t kLimit = 233 * kLines;
  const auto all = counted(texts, 0);
  std::vector<WordCount> first;
  const int threads = thread_count();
  for (const int count : {1, 3}) {
    set_thread_count(count);
    int64_t dropped = 0;
    const auto words = counted(texts, kLimit, &dropped);
    if (first.empty()) first = words;
    EXPECT_TRUE(equal(words, first));
    int64_t bytes = 0, kept = 0, total = 0;
    for (const auto& [word, times] : words) bytes += std::ssize(word) + WordCounter::kBytesPerWord, kept += times;
    for (const auto& [word, times] : all) total += times;
    EXPECT_LE(bytes, kLimit);
    EXPECT_EQ(kept + dropped, total);
    EXPECT_LT(words.size(), all.size() / 4);
  }
  set_thread_count(threads);
  std::map<std::string, int64_t> with_limit;
  for (const auto& [word, times] : first) with_limit[word] = times;
  for (const auto& [word, times] : all)
    if (word.starts_with("word")) {
      EXPECT_EQ(with_limit[word], times);
    }
}

// Nearly every word comes once: dropping all of them would leave nothing.
TEST(WordCounts, ALimitKeepsAShareOfWordsThatAreAllAsRare) {
  constexpr int64_t kLimit = int64_t{2} << 20;
  WordCounter counter(split_at_spaces, kLimit);
  for (int i = 0; i < 100000; ++i) counter.add("word" + std::to_string(i));
  const auto words = counter.take();
  int64_t bytes = 0;
  for (const auto& [word, times] : words) bytes += std::ssize(word) + WordCounter::kBytesPerWord;
  EXPECT_NEAR(static_cast<double>(bytes), kLimit / 2, kLimit / 20.0);
  EXPECT_EQ(std::ssize(words) + counter.dropped(), 100000);
}

TEST(WordCounts, AreEmptyAfterTheyAreTaken) {
  WordCounter counter(split_at_spaces);
  counter.add("b a b");
  EXPECT_EQ(counter.take().size(), 2U);
  EXPECT_TRUE(counter.take().empty());
  counter.add("a");
  ASSERT_EQ(counter.take().front().count, 1);
  EXPECT_TRUE(contains(sentence_of([] { WordCounter(split_at_spaces, 5); }), "leaves 5 bytes"));
}

}  // namespace
}  // namespace heddle::text
