#include "heddle/text/inspection/word_cuts.h"

#include <gtest/gtest.h>

#include "tests/text/inspection/small_tokenizers.h"

namespace heddle::text {
namespace {

using Texts = std::vector<std::string>;

Texts words(const std::string& text) {
  Texts found;
  for (const Offsets& word : words_of(text))
    found.push_back(text.substr(static_cast<size_t>(word.begin), static_cast<size_t>(word.end - word.begin)));
  return found;
}

TEST(WordCuts, Words) {
  EXPECT_EQ(words(""), Texts());
  EXPECT_EQ(words(" \t"), Texts());
  EXPECT_EQ(words("a dog."), (Texts{"a", "dog"}));
  EXPECT_EQ(words("\"t-shirt\", don't — (3.5)"), (Texts{"t-shirt", "don't", "3.5"}));
  EXPECT_EQ(words("über\u00A0織機。猫"), (Texts{"über", "織機", "猫"}));
  EXPECT_EQ(words("..."), Texts());
}

TEST(WordCuts, WordsInPieces) {
  const Tokenizer tokenizer = small_word_piece();
  const std::string text = "the dogs. runners";
  const CutText cut = cut_text(tokenizer, text);
  EXPECT_EQ(cut.ids, (std::vector<int32_t>{5, 1, 2, 6, 3, 4, 2}));
  ASSERT_EQ(cut.words.size(), 3u);
  EXPECT_EQ(cut.cuts[1], (TokenSpan{1, 3}));
  EXPECT_EQ(cut.pieces(0), (std::vector<std::string_view>{"the"}));
  EXPECT_EQ(cut.pieces(2), (std::vector<std::string_view>{"run", "ner", "s"}));
  EXPECT_EQ(cut.inner_cuts(2), (std::vector<int64_t>{3, 6}));
}

TEST(WordCuts, ManyTextsAtOnceAreTheSame) {
  const Tokenizer tokenizer = small_word_piece();
  std::vector<std::string> texts;
  for (int i = 0; i < 300; ++i)
    texts.push_back(std::string(static_cast<size_t>(i % 7), ' ') + "the dogs d" + (i % 2 ? "o" : "x"));
  const auto cuts = cut_texts(tokenizer, texts);
  for (size_t i = 0; i < texts.size(); ++i) {
    const CutText one = cut_text(tokenizer, texts[i]);
    EXPECT_EQ(cuts[i].ids, one.ids);
    EXPECT_EQ(cuts[i].cuts, one.cuts);
  }
}

}  // namespace
}  // namespace heddle::text
