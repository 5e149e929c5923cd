// Texts nobody would write, through every kind of pipeline: NUL bytes, one line of megabytes, runs without end. Time
// and memory stay in proportion, and what was encoded comes back.

#include <gtest/gtest.h>

#include "heddle/base/clock.h"
#include "heddle/base/error.h"
#include "heddle/base/memory.h"
#include "heddle/text/tokenizer.h"
#include "tests/base/sentence.h"
#include "tests/places/places.h"

namespace heddle::text {
namespace {

Tokenizer pipeline(const std::string& name) {
  return Tokenizer::load(source_path("tests/text/fixtures/pipelines") / (name + ".json"));
}

class BadText : public testing::TestWithParam<const char*> {};

// A line that nothing cuts goes to the model whole: twice as long must not take four times as long, which for two
// million bytes would be hours.
TEST_P(BadText, LongLinesTakeLinearTime) {
  const Tokenizer tokenizer = pipeline(GetParam());
  const double start = steady_seconds();
  for (const std::string part : {"a", "ab", "织", " ", "'", "\n", "e\u0301", "1", "a "}) {
    std::string text;
    while (text.size() < 60'000) text += part;
    EXPECT_EQ(tokenizer.encode(text), tokenizer.encode(text)) << part;
  }
  EXPECT_LT(steady_seconds() - start, 60.0);
}

// Ids alone are what the whole encoding says, also where a text is cut and filled up.
TEST_P(BadText, IdsAloneAreThoseOfTheEncoding) {
  const Tokenizer tokenizer = pipeline(GetParam());
  std::string text;
  for (int i = 0; i < 12; ++i, text += "weave <mask> 日 ")
    for (const bool special : {true, false})
      EXPECT_EQ(tokenizer.encode(text, special), tokenizer.encode_full(text, special).ids) << text;
}

// One line of a megabyte: of each byte no more is kept than ids, and the text as the normalizer leaves it.
TEST_P(BadText, LongLinesTakeMemoryInProportion) {
  const Tokenizer tokenizer = pipeline(GetParam());
  std::string text;
  while (text.size() < 1'000'000) text += "the weaver weaves the warp and, the weft; ";
  const int64_t before = peak_rss_bytes();
  const auto ids = tokenizer.encode(text);
  // The address sanitizer keeps what was freed.
  if (memory_is_ours()) {
    EXPECT_LT(peak_rss_bytes() - before, 64 * std::ssize(text)) << ids.size() << " ids";
  }
}

TEST_P(BadText, ZerosAreCharacters) {
  const Tokenizer tokenizer = pipeline(GetParam());
  const std::string text("a\0b\0\0 weaver\0", 13);
  const Encoding full = tokenizer.encode_full(text);
  EXPECT_EQ(tokenizer.encode(text), full.ids);
  for (const Offsets& place : full.offsets) EXPECT_LE(place.end, 13);
  tokenizer.decode(full.ids);
}

INSTANTIATE_TEST_SUITE_P(Kinds, BadText,
                         testing::Values("gpt2", "llama3", "o200k", "deepseek", "bloom", "unknown_pattern",
                                         "bert_uncased", "t5", "xlm_roberta", "marian", "gemma", "suffixes", "prefixes",
                                         "word_level", "byte_normalizer"),
                         [](const auto& test) { return std::string(test.param); });

TEST(BadText, ZerosComeBackFromBytes) {
  const Tokenizer tokenizer = pipeline("gpt2");
  const std::string text("\0warp\0\0weft \0", 13);
  EXPECT_EQ(tokenizer.decode(tokenizer.encode(text)), text);
}

// A stride nearly as long as the parts repeats a text as often as a part has tokens; and what is left of two texts is
// put together each with each.
TEST(BadText, TooManyPartsAreRefused) {
  Encoding text;
  for (int i = 0; i < 100'000; ++i) text.push(1, "a", {i, i + 1}, i);
  Encoding once = text, often = text, halves = text;
  once.truncate(1000, 0, Side::right);
  EXPECT_EQ(once.overflowing.size(), 99);
  EXPECT_TRUE(contains(sentence_of([&] { often.truncate(1000, 999, Side::right); }), "smaller stride"));
  halves.truncate(10, 0, Side::right);
  const Encoding others = halves;
  EXPECT_TRUE(contains(sentence_of([&] { halves.append(others); }), "cut one text only"));
}

// Merges that feed each other, or give back what they were made of, come to an end: each makes one symbol of two.
TEST(BadText, MergesInACircleEnd) {
  const auto with = [](const std::string& merges, const std::string& more = "") {
    return Tokenizer::from_json(
        R"({"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2,"ba":3,"aba":4,"bab":5,"##":6},"merges":[)" + merges +
            "]" + more + "}}",
        "file.json");
  };
  const std::string text = "abababababba";
  for (const Tokenizer& tokenizer : {with(R"("ab a","ba b","a b","b a")"), with(R"("a ba","a b","ab a","b a","b ab")"),
                                     with(R"("a ##","b ##","a b")", R"(,"continuing_subword_prefix":"##")")}) {
    std::string back;
    for (const int32_t id : tokenizer.encode(text)) back += tokenizer.token_of(id);
    EXPECT_FALSE(back.empty());
  }
  EXPECT_TRUE(contains(sentence_of([&] { with(R"("ab ab")"); }), "\"abab\", which is no token"));
}

}  // namespace
}  // namespace heddle::text
