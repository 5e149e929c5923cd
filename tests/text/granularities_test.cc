// Tokens of several tokenizers are aligned as a comparison of every pair of tokens says, on random text.

#include "heddle/text/granularities.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>

#include "heddle/base/utf8.h"
#include "tests/places/places.h"

namespace heddle::text {
namespace {

std::vector<Tokenizer> pipelines(const std::vector<std::string>& names) {
  std::vector<Tokenizer> tokenizers;
  for (const std::string& name : names)
    tokenizers.push_back(Tokenizer::load(source_path("tests/text/fixtures/pipelines") / (name + ".json")));
  return tokenizers;
}

// Letters, spaces, combining marks (which normalization joins and moves), ligatures, Hangul, emoji.
std::string random_text(std::mt19937& random) {
  constexpr std::pair<int, int> kRanges[] = {{'a', 'z'},         {' ', ' '},       {'A', 'Z'},       {'0', '9'},
                                             {0x300, 0x36F},     {0xC0, 0x24F},    {0x1100, 0x11FF}, {0x4E00, 0x4E40},
                                             {0x1F300, 0x1F64F}, {0xFB00, 0xFB06}, {0x5D0, 0x5EA},   {0xFDFA, 0xFDFA},
                                             {0x9, 0xD},         {0x200B, 0x200F}};
  std::string text;
  const size_t length = random() % 40;
  for (size_t i = 0; i < length; ++i) {
    const size_t which = random() % 3 == 0 ? random() % std::size(kRanges) : random() % 2;
    const auto [low, high] = kRanges[which];
    append_utf8(text, low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1)));
  }
  return text;
}

TokenSpan span_by_definition(const Encoding& from, size_t token, const Encoding& to) {
  TokenSpan span;
  const Offsets a = from.offsets[token];
  for (size_t other = 0; other < to.size(); ++other) {
    const Offsets b = to.offsets[other];
    if (std::max(a.begin, b.begin) >= std::min(a.end, b.end)) continue;
    if (span.begin == span.end) span.begin = static_cast<int32_t>(other);
    span.end = static_cast<int32_t>(other) + 1;
  }
  return span;
}

TEST(Granularities, SpansAreThoseOfTheDefinition) {
  const auto tokenizers = pipelines({"gpt2", "bert_uncased", "xlm_roberta", "t5", "llama2", "word_level"});
  std::mt19937 random(11);
  int spans = 0, wide = 0;
  for (int trial = 0; trial < 60; ++trial) {
    const std::string text = random_text(random);
    const OffsetUnit unit = trial % 2 == 0 ? OffsetUnit::bytes : OffsetUnit::characters;
    const Granularities all = encode_granularities(tokenizers, text, true, unit);
    ASSERT_EQ(all.levels.size(), tokenizers.size());
    for (size_t from = 0; from < tokenizers.size(); ++from) {
      for (size_t to = 0; to < tokenizers.size(); ++to) {
        const auto found = all.spans(from, to);
        ASSERT_EQ(found.size(), all.levels[from].size());
        for (size_t token = 0; token < found.size(); ++token) {
          const TokenSpan expected = span_by_definition(all.levels[from], token, all.levels[to]);
          ASSERT_EQ(found[token], expected) << text << ": " << from << " → " << to << ", token " << token;
          spans += expected.begin < expected.end;
          wide += expected.end > expected.begin + 1;
        }
      }
    }
  }
  EXPECT_GT(spans, 10000);
  EXPECT_GT(wide, 2000);
}

// If a token lies in the span of another's, that one's span holds it too; each token of text has its own in its span.
TEST(Granularities, SpansAnswerEachOther) {
  const auto tokenizers = pipelines({"gpt2", "bloom", "qwen"});  // none of them changes the order of characters
  std::mt19937 random(12);
  for (int trial = 0; trial < 100; ++trial) {
    const Granularities all = encode_granularities(tokenizers, random_text(random), false);
    for (size_t a = 0; a < tokenizers.size(); ++a) {
      for (size_t b = 0; b < tokenizers.size(); ++b) {
        const auto there = all.spans(a, b), back = all.spans(b, a);
        for (size_t i = 0; i < there.size(); ++i) {
          for (int32_t j = there[i].begin; j < there[i].end; ++j) {
            const TokenSpan answer = back[static_cast<size_t>(j)];
            ASSERT_LE(answer.begin, static_cast<int32_t>(i));
            ASSERT_GT(answer.end, static_cast<int32_t>(i));
          }
          if (a == b) {
            ASSERT_LE(there[i].begin, static_cast<int32_t>(i));
          }
        }
      }
    }
  }
}

TEST(Granularities, SpecialTokensHaveEmptySpans) {
  const auto tokenizers = pipelines({"bert_uncased", "gpt2"});
  const auto spans = encode_granularities(tokenizers, "the dog").spans(0, 1);
  EXPECT_EQ(spans.front(), TokenSpan());
  EXPECT_EQ(spans.back(), TokenSpan());
  EXPECT_NE(spans[1], TokenSpan());
}

TEST(Granularities, AsJson) {
  const auto tokenizers = pipelines({"bert_uncased", "gpt2"});
  const Granularities all = encode_granularities(tokenizers, "the dog");
  const auto json = nlohmann::json::parse(all.as_json());
  EXPECT_EQ(json["ids"][1].get<std::vector<int32_t>>(), all.levels[1].ids);
  EXPECT_TRUE(json["spans"][0][0].is_null());
  EXPECT_EQ(json["spans"][1][0].size(), all.levels[1].size());
  EXPECT_EQ(json["spans"][1][0][0][1], all.spans(1, 0)[0].end);
}

}  // namespace
}  // namespace heddle::text
