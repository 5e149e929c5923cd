// What holds for any text: it comes back, and long lines cost no more than their length.

#include "heddle/text/tokenizer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "heddle/base/clock.h"
#include "heddle/base/random.h"
#include "heddle/base/utf8.h"
#include "tests/base/sentence.h"
#include "tests/text/trained_tokenizer.h"

namespace heddle::text {
namespace {

std::string random_bytes(RandomStream& random, size_t length) {
  std::string bytes(length, '\0');
  for (char& c : bytes) c = static_cast<char>(random.below(256));
  return bytes;
}

std::string random_text(RandomStream& random, size_t length) {
  std::string text;
  for (size_t i = 0; i < length; ++i) {
    const auto largest = static_cast<uint64_t>(random.below(3) == 0 ? 0x110000 : 0x250);
    auto point = static_cast<int32_t>(random.below(largest));
    if (point >= 0xD800 && point < 0xE000) point = ' ';
    append_utf8(text, point);
  }
  return text;
}

TEST(Tokenizer, ValidTextComesBackExactly) {
  const Tokenizer tokenizer = trained_tokenizer();
  RandomStream random(RandomKey{.seed = 1});
  for (int i = 0; i < 500; ++i) {
    const std::string text = random_text(random, random.below(40));
    EXPECT_EQ(tokenizer.decode(tokenizer.encode(text)), text);
    EXPECT_EQ(tokenizer.encode(text).back(), *tokenizer.end_id());
  }
}

TEST(Tokenizer, EveryByteThatIsTextComesBack) {
  const Tokenizer tokenizer = trained_tokenizer();
  for (int c = 0; c < 128; ++c) {
    const std::string text(1, static_cast<char>(c));
    EXPECT_EQ(tokenizer.decode(tokenizer.encode(text)), text) << c;
  }
}

TEST(Tokenizer, BrokenBytesAreReadAsReplacementCharacters) {
  const Tokenizer tokenizer = trained_tokenizer();
  RandomStream random(RandomKey{.seed = 2});
  for (int i = 0; i < 500; ++i) {
    const std::string bytes = random_bytes(random, random.below(40)), repaired = repair_utf8(bytes);
    EXPECT_EQ(tokenizer.encode(bytes), tokenizer.encode(repaired));
    EXPECT_EQ(tokenizer.decode(tokenizer.encode(bytes)), repaired);
  }
}

// decode(encode(decode(ids))) = decode(ids): what was decoded once is text, and text comes back.
// (The ids themselves need not: there are many ways to spell a text.)
TEST(Tokenizer, DecodedIdsAreText) {
  const Tokenizer tokenizer = trained_tokenizer();
  RandomStream random(RandomKey{.seed = 3});
  for (int i = 0; i < 500; ++i) {
    std::vector<int32_t> ids(random.below(20));
    for (int32_t& id : ids) id = static_cast<int32_t>(random.below(static_cast<uint64_t>(tokenizer.vocab_size())));
    const std::string text = tokenizer.decode(ids);
    EXPECT_TRUE(is_valid_utf8(text));
    EXPECT_EQ(tokenizer.decode(tokenizer.encode(text)), text);
  }
}

TEST(Tokenizer, SpecialTokensInTextAreFoundAndLeftOutWhenDecoding) {
  const Tokenizer tokenizer = trained_tokenizer();
  const auto ids = tokenizer.encode("a<s>b");
  ASSERT_EQ(ids.size(), 4u);
  EXPECT_EQ(ids[1], *tokenizer.begin_id());
  EXPECT_EQ(tokenizer.decode(ids), "ab");
  EXPECT_EQ(tokenizer.decode(ids, false), "a<s>b</s>");
  EXPECT_EQ(tokenizer.encode("", false), std::vector<int32_t>{});
}

TEST(Tokenizer, IdsOutsideTheVocabularyAreRefused) {
  const Tokenizer tokenizer = trained_tokenizer();
  for (int32_t id : {-1, tokenizer.vocab_size(), INT32_MAX, INT32_MIN})
    EXPECT_TRUE(contains(sentence_of([&] { tokenizer.decode(std::vector{id}); }), "outside the vocabulary"));
}

// A quadratic step anywhere would take many minutes here; the thread sanitizer takes seconds.
TEST(Tokenizer, LongLinesTakeTimeInProportion) {
  const Tokenizer tokenizer = trained_tokenizer();
  constexpr size_t kLong = 1 << 20;
  for (const std::string piece :
       {"a", " ", "<", "'", "\n", "<s>", "a ", "\xC3\xBC", "\xF0\x9F\xA7\xB5", "\xFF", "</s"}) {
    std::string line;
    while (line.size() < kLong) line += piece;
    const double start = steady_seconds();
    const auto ids = tokenizer.encode(line);
    const std::string text = tokenizer.decode(ids, false);
    EXPECT_LT(steady_seconds() - start, 60.0) << piece;
    EXPECT_EQ(text, repair_utf8(line) + "</s>") << piece;
  }
}

// A tokenizer is a value that never changes: threads share it, each with its own memory of pieces.
TEST(Tokenizer, ThreadsMayShareOne) {
  const Tokenizer tokenizer = trained_tokenizer();
  RandomStream random(RandomKey{.seed = 14});
  std::vector<std::string> texts;
  std::vector<std::vector<int32_t>> expected;
  for (int i = 0; i < 200; ++i) {
    texts.push_back(random_text(random, random.below(40)) + " the weaver weaves");
    expected.push_back(tokenizer.encode(texts.back()));
  }
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (size_t i = 0; i < texts.size(); ++i) wrong += tokenizer.encode(texts[i]) != expected[i];
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Tokenizer, CopiesAreEqual) {
  const Tokenizer first = trained_tokenizer(), copy = first;
  EXPECT_EQ(copy.to_json(), first.to_json());
  EXPECT_EQ(copy.encode("the weaver's Größe"), first.encode("the weaver's Größe"));
}

TEST(Tokenizer, SavingAndLoadingChangesNothing) {
  const Tokenizer tokenizer = trained_tokenizer();
  const std::string json = tokenizer.to_json();
  const Tokenizer read = Tokenizer::from_json(json, "written");
  EXPECT_EQ(read.to_json(), json);
  EXPECT_EQ(read.encode("the weaver's Größe"), tokenizer.encode("the weaver's Größe"));
  EXPECT_EQ(read.pad_id(), 0);
  EXPECT_EQ(read.begin_id(), 1);
  EXPECT_EQ(read.end_id(), 2);
}

}  // namespace
}  // namespace heddle::text
