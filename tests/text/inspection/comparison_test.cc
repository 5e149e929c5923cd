#include "heddle/text/inspection/comparison.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "heddle/text/inspection/comparison_report.h"
#include "tests/text/inspection/small_tokenizers.h"
#include "tests/text/trained_tokenizer.h"

namespace heddle::text {
namespace {

using Pieces = std::vector<std::string>;

TEST(TokenizerComparison, CountsOfAFewWords) {
  const Tokenizer a = small_word_piece(), b = word_piece({"[UNK]", "the", "dogs", "r", "##unner", "."});
  TokenizerComparer comparer(a, b, 1);
  comparer.add("the dogs.");
  comparer.add("dogs runner cats");
  const LanguageComparison c = comparer.take("en");
  EXPECT_EQ(c.words, 5);
  EXPECT_EQ(c.bytes, 9 + 16);
  EXPECT_EQ(c.tokens, (std::array<int64_t, 2>{9, 7}));
  EXPECT_EQ(c.unknown, (std::array<int64_t, 2>{0, 1}));
  EXPECT_EQ(c.words_cut_differently, 3);  // dogs twice, runner
  EXPECT_EQ(c.distinct_words, 4);
  EXPECT_EQ(c.distinct_cut_differently, 2);
  ASSERT_EQ(c.examples.size(), 1u);
  EXPECT_EQ(c.examples[0].count, 2);
  EXPECT_EQ(c.examples[0].pieces[0], (Pieces{"dog", "s"}));
  EXPECT_EQ(c.examples[0].pieces[1], (Pieces{"dogs"}));
  EXPECT_DOUBLE_EQ(c.per_word(1), 7.0 / 5);
  EXPECT_EQ(comparer.take("none").words, 0);
}

TEST(TokenizerComparison, ATokenizerIsLikeItself) {
  const Tokenizer tokenizer = trained_tokenizer();
  TokenizerComparer comparer(tokenizer, tokenizer);
  comparer.add("the weaver weaves 織機");
  EXPECT_EQ(comparer.take("").words_cut_differently, 0);
  const VocabularyOverlap overlap = overlap_of(tokenizer, tokenizer);
  EXPECT_EQ(overlap.shared_written, overlap.written[0]);
  EXPECT_EQ(VocabularyOverlap::jaccard(overlap.written, overlap.shared_written), 1);
}

// "Ġthe" and "the" are two tokens of one vocabulary and one text; "##s" stands for "s".
TEST(TokenizerComparison, VocabulariesAreComparedAsWrittenAndAsText) {
  const Tokenizer a = word_piece({"[UNK]", "the", "##s"}), b = word_piece({"[UNK]", "s", "##the", "x"});
  const VocabularyOverlap overlap = overlap_of(a, b);
  EXPECT_EQ(overlap.written, (std::array<int64_t, 2>{3, 4}));
  EXPECT_EQ(overlap.shared_written, 1);
  EXPECT_EQ(overlap.shared_texts, 3);
  const VocabularyOverlap bytes = overlap_of(trained_tokenizer(), word_piece({"[UNK]", "the", "weaver"}));
  EXPECT_LT(bytes.texts[0], bytes.written[0]) << "parts of characters are no texts";
  EXPECT_EQ(bytes.shared_texts, 2);
}

TEST(TokenizerComparison, Reports) {
  const Tokenizer a = small_word_piece(), b = trained_tokenizer();
  TokenizerComparer comparer(a, b);
  comparer.add("the dogs <b>");
  const Comparison comparison = {{"a.json", "b.json"}, overlap_of(a, b), {comparer.take("en")}};
  const auto json = nlohmann::json::parse(comparison_as_json(comparison));
  EXPECT_EQ(json["languages"][0]["words"], 3);
  EXPECT_NE(comparison_as_text(comparison).find("tokens per word"), std::string::npos);
  const std::string html = comparison_as_html(comparison);
  EXPECT_NE(html.find("b.json"), std::string::npos);
  EXPECT_EQ(html.find("<b>"), std::string::npos) << "what comes from the text is escaped";
}

}  // namespace
}  // namespace heddle::text
