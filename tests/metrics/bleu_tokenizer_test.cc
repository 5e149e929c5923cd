#include "heddle/metrics/bleu_tokenizer.h"

#include <gtest/gtest.h>

#include "heddle/base/error.h"
#include "tests/metrics/metric_cases.h"

namespace heddle::metrics {
namespace {

TEST(BleuTokenizer, EqualsSacrebleu) {
  for (const auto& sample : metric_cases().at("tokens"))
    for (const auto& [tokenize, tokens] : sample.at("tokens").items())
      EXPECT_EQ(bleu_tokens(tokenize, sample.at("line").get<std::string>()), tokens.get<Lines>())
          << tokenize << " of " << sample.at("line");
}

// sacreBLEU's ranges take general punctuation for Chinese, and rare ideographs not.
TEST(BleuTokenizer, ChineseSetsCurlyQuotesApart) {
  EXPECT_EQ(bleu_tokens("zh", "说“好”…"), (Lines{"说", "“", "好", "”", "…"}));
  EXPECT_EQ(bleu_tokens("zh", "𠀀𠀁"), (Lines{"𠀀𠀁"}));
}

TEST(BleuTokenizer, BrokenBytesAreReplaced) {
  EXPECT_EQ(bleu_tokens("none",
                        "a\xff"
                        "b \xe4\xb8"),
            (Lines{"a\uFFFDb", "\uFFFD"}));
  EXPECT_EQ(bleu_tokens("char", "\xf0\x9f"), (Lines{"\uFFFD"}));
}

TEST(BleuTokenizer, NamesTheChoicesForAnUnknownName) {
  try {
    bleu_tokens("14a", "x");
    FAIL() << "an unknown tokenization was taken";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("\"14a\" is unknown; choose 13a"), std::string::npos);
  }
}

}  // namespace
}  // namespace heddle::metrics
