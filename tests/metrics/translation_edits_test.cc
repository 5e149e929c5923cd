#include "heddle/metrics/translation_edits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "heddle/metrics/bleu_tokenizer.h"
#include "tests/metrics/metric_cases.h"

namespace heddle::metrics {
namespace {

int64_t count_edits(const std::string& hypothesis, const std::string& reference) {
  const std::vector<std::string> words[] = {bleu_tokens("none", hypothesis), bleu_tokens("none", reference)};
  const auto texts = number_words(words);
  return count_translation_edits(texts[0], texts[1]);
}

TEST(TranslationEdits, EqualSacrebleuOnCutAndMovedLines) {
  for (const auto& shift : metric_cases().at("shifts"))
    EXPECT_EQ(count_edits(shift.at("hypothesis"), shift.at("reference")), shift.at("edits").get<int64_t>()) << shift;
}

TEST(TranslationEdits, ByHand) {
  EXPECT_EQ(count_edits("", ""), 0);
  EXPECT_EQ(count_edits("a b c", ""), 3);
  EXPECT_EQ(count_edits("", "a b c"), 3);
  EXPECT_EQ(count_edits("a x c", "a b c"), 1);
  EXPECT_EQ(count_edits("d e f a b c", "a b c d e f"), 1);  // one shift, where six words are wrong
  EXPECT_EQ(count_edits("c d e x a b", "a b c d e"), 2);    // a shift and a deletion
}

TEST(TranslationEdits, ARunOfMoreThanTenWordsTakesTwoShifts) {
  const std::string run = "a b c d e f g h i j k l", rest = "m n o p q r s t u v w x y z";
  EXPECT_EQ(count_edits(rest + " " + run, run + " " + rest), 2);
}

// Sixty words away is too far for a shift, so the word is deleted and inserted.
TEST(TranslationEdits, AWordMovesNoFartherThanFiftyPlaces) {
  Symbols hypothesis(121), reference;
  std::iota(hypothesis.begin(), hypothesis.end(), 0);
  for (const auto& [places, edits] : {std::pair(40, 1), std::pair(60, 2)}) {
    reference = hypothesis;
    std::rotate(reference.begin(), reference.begin() + 1, reference.begin() + 1 + places);
    EXPECT_EQ(count_translation_edits(hypothesis, reference), edits) << places;
  }
}

// Every word stands somewhere in reach on the other side: as many shifts to try as there can be.
TEST(TranslationEdits, LongHostileLinesEnd) {
  Symbols a(40000), b(40000);
  uint32_t random = 1;
  for (Symbols* text : {&a, &b})
    for (int32_t& word : *text) word = static_cast<int32_t>((random = random * 1664525 + 1013904223) >> 31);
  const int64_t edits = count_translation_edits(a, b);
  EXPECT_GT(edits, 0);
  EXPECT_LT(edits, 20000);
  EXPECT_EQ(count_translation_edits({1}, b), 39999);
  EXPECT_EQ(count_translation_edits(a, {1}), 39999);
}

}  // namespace
}  // namespace heddle::metrics
