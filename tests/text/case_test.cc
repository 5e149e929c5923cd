// Case as marks in the text, and as a feature beside it.

#include <gtest/gtest.h>

#include <algorithm>

#include "heddle/base/random.h"
#include "heddle/text/case_feature.h"
#include "heddle/text/case_marks.h"
#include "heddle/text/trainers/tokenizer_trainer.h"
#include "heddle/text/utf8.h"

namespace heddle::text {
namespace {

std::string marked(std::string_view text, CaseMarkOptions options = {}) {
  AlignedText aligned(text, true);
  CaseMarks(options).apply(aligned);
  return std::string(aligned.text());
}

std::string restored(const std::string& text, CaseMarkOptions options = {}) {
  return CaseMarksDecoder(options).decode({text}).front();
}

TEST(CaseMarks, StandBeforeWhatIsLarge) {
  EXPECT_EQ(marked("The cat"), "⇧the cat");
  EXPECT_EQ(marked("in the USA."), "in the⇪ usa.");
  EXPECT_EQ(marked("HTTPServer of iPhone"), "⇪https⇩erver of i⇧phone");
  EXPECT_EQ(marked("A B AB ABc"), "⇧a⇧ b⇪ ab⇪ ab⇩c");
  EXPECT_EQ(marked("a ⇧ b"), "a ⇩⇧ b");
  EXPECT_EQ(marked("ÄÖ Über ß"), "⇪äö⇧ über ß");
  EXPECT_EQ(marked("The", {.prefix_space = true}), "⇧ the");
  EXPECT_EQ(marked("the", {.prefix_space = true}), " the");
  EXPECT_EQ(marked("AB", {.prefix_space = true}), "⇪ ab");
  EXPECT_EQ(marked(""), "");
}

TEST(CaseMarks, TextComesBack) {
  const std::vector<int32_t> characters = {'a',    'b',   'A',    'B',    ' ',   ' ',   '.',    '1',
                                           0xE4,   0xC4,  0x130,  0x212A, 'K',   'k',   0x21E7, 0x21EA,
                                           0x21E9, 0x301, 0x4E2D, 0x1C5,  0x3A3, 0x3C2, 0x10400};
  RandomStream random(RandomKey{.seed = 61});
  for (int trial = 0; trial < 5000; ++trial) {
    std::string text;
    for (uint64_t k = random.below(12); k > 0; --k) append_utf8(text, characters[random.below(characters.size())]);
    for (const bool prefix : {false, true}) {
      const CaseMarkOptions options = {.prefix_space = prefix};
      const std::string with_marks = marked(text, options);
      EXPECT_EQ(restored(with_marks, options), text) << with_marks;
      for (const char c : with_marks) EXPECT_FALSE(c >= 'A' && c <= 'Z');
    }
  }
}

TEST(CaseMarks, OffsetsPointIntoTheText) {
  AlignedText aligned("a The", true);
  CaseMarks({}).apply(aligned);
  ASSERT_EQ(aligned.text(), "a⇧ the");
  EXPECT_EQ(aligned.origin(1), (Span{1, 2}));  // the mark: the space behind it
  EXPECT_EQ(aligned.origin(5), (Span{2, 3}));  // t: T
}

TEST(CaseMarks, TokenizersOfEveryTypeReadTextBackAndShareWords) {
  std::vector<std::string> lines;
  for (int i = 0; i < 40; ++i)
    for (const char* line : {"the cat sat in THE Hat", "The Cat, the cat: a cat?", "IN USA the MySQL Hat sat"})
      lines.emplace_back(line);
  for (const std::string& type : tokenizer_types()) {
    TokenizerTrainer trainer(
        {.type = type, .vocab_size = type == "bpe" ? 330 : 70, .case_marks = true, .coverage = 1.0});
    for (const std::string& line : lines) trainer.add(line);
    const Tokenizer trained = trainer.train();
    const Tokenizer tokenizer = Tokenizer::from_json(trained.to_json(), type);
    const auto mark = tokenizer.id_of(type == "bpe" ? "âĩ§" : "⇧");
    ASSERT_TRUE(mark) << type;
    for (const std::string& line : lines) {
      const auto ids = tokenizer.encode(line);
      std::string text = tokenizer.decode(ids), expected = line;
      if (type == "wordpiece" || type == "word")  // white space is not kept there
        for (std::string* side : {&text, &expected}) std::erase(*side, ' ');
      EXPECT_EQ(text, expected) << type;
    }
    auto small = tokenizer.encode("a the cat", false), large = tokenizer.encode("a The cat", false);
    EXPECT_EQ(std::erase(large, *mark), 1) << type;
    EXPECT_EQ(small, large) << type;
  }
  TokenizerTrainer words({.type = "word", .vocab_size = 70, .case_marks = true});
  for (const std::string& line : lines) words.add(line);
  const Tokenizer tokenizer = words.train();
  EXPECT_EQ(tokenizer.decode(tokenizer.encode("the Cat in USA sat")), "the Cat in USA sat");
}

TEST(CaseFeature, IsHowTokensWereWritten) {
  EXPECT_EQ(case_of("the"), Case::lower);
  EXPECT_EQ(case_of(" The"), Case::title);
  EXPECT_EQ(case_of("A"), Case::title);
  EXPECT_EQ(case_of("ÄB"), Case::upper);
  EXPECT_EQ(case_of("iPhone"), Case::mixed);
  EXPECT_EQ(case_of("12 中,"), Case::none);
  TokenizerTrainer trainer({.type = "word", .vocab_size = 20, .lowercase = true});
  trainer.add("the cat in the usa 12");
  const Tokenizer tokenizer = trainer.train();
  const std::string text = "The cat in the USA 12";
  EXPECT_EQ(
      case_feature(tokenizer.encode_full(text), text),
      (std::vector<Case>{Case::title, Case::lower, Case::lower, Case::lower, Case::upper, Case::none, Case::none}));
}

}  // namespace
}  // namespace heddle::text
