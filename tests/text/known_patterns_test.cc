// Splitters written by hand cut as their patterns do, on any text.

#include "heddle/text/pre_tokenizers/known_patterns.h"

#include <gtest/gtest.h>

#include "heddle/base/random.h"
#include "heddle/text/regex.h"
#include "heddle/text/utf8.h"

namespace heddle::text {
namespace {

using Texts = std::vector<std::string>;

Texts by_hand(SplitFunction split, const std::string& text) {
  if (text.empty()) return {};
  constexpr uint32_t kBase = 5;
  std::vector<uint32_t> borders;
  split(text, kBase, borders);
  EXPECT_EQ(borders.at(0), kBase);
  borders.push_back(kBase + static_cast<uint32_t>(text.size()));
  Texts texts;
  for (size_t i = 0; i + 1 < borders.size(); ++i)
    texts.push_back(text.substr(borders[i] - kBase, borders[i + 1] - borders[i]));
  return texts;
}

Texts by_regex(const Regex& regex, const std::string& text) {
  Texts texts;
  size_t last = 0;
  const auto push = [&](size_t begin, size_t end) {
    if (begin < end) texts.push_back(text.substr(begin, end - begin));
  };
  regex.find_all(text, [&](size_t begin, size_t end) {
    push(last, begin);
    push(begin, end);
    last = end;
  });
  push(last, text.size());
  return texts;
}

// Short texts over what patterns turn at: every neighbourhood comes up many times.
std::string adversarial(RandomStream& random) {
  constexpr const char* kParts[] = {
      " ",      " ",      "  ", "\n",     "\r", "\t", "\u00A0", "\u3000",     "\u0085",     "a",
      "b",      "s",      "S",  "A",      "LL", "ll", "ve",     "RE",         "\u017F",     "'",
      "'",      "é",      "É",  "\u01C5", "ª",  "中", "か",     "ー",         "\u0301",     "\u0903",
      "\u20DD", "1",      "23", "½",      "Ⅷ",  "٣",  ".",      ",",          "!",          "/",
      "\\",     "(",      "$",  "+",      "€",  "|",  "^",      "…",          "。",         "、",
      "\x01",   "\u200D", "⇧",  "⇪",      "⇩",  "⇨",  "\uFFFF", "\U0001F9F5", "\U00010D40", "\U00031350"};
  std::string text;
  const uint64_t most = random.below(8) == 0 ? 150 : 12;  // some over several blocks of 64 bytes
  for (uint64_t k = random.below(most); k > 0; --k) text += kParts[random.below(std::size(kParts))];
  return text;
}

std::string any_text(RandomStream& random) {
  std::string text;
  for (uint64_t k = random.below(12); k > 0; --k) {
    const uint64_t limits[] = {0x80, 0x250, 0x3000, 0x110000};
    const auto c = static_cast<int32_t>(random.below(limits[random.below(4)]));
    append_utf8(text, c >= 0xD800 && c < 0xE000 ? ' ' : c);
  }
  return text;
}

TEST(KnownPatterns, EqualTheirPatterns) {
  for (const KnownPattern& known : known_patterns()) {
    EXPECT_EQ(known_split(known.pattern), known.split);
    const Regex regex(known.pattern);
    RandomStream random(RandomKey{.seed = 11});
    size_t pieces = 0;
    for (int i = 0; i < 40'000; ++i) {
      const std::string text = i % 2 ? adversarial(random) : any_text(random);
      const Texts expected = by_regex(regex, text);
      ASSERT_EQ(by_hand(known.split, text), expected) << known.name << ": " << testing::PrintToString(text);
      pieces += expected.size();
    }
    EXPECT_GT(pieces, 40'000u) << known.name;
  }
}

TEST(KnownPatterns, ExamplesOfGpt2) {
  const auto cut = [](const std::string& text) { return by_hand(split_gpt2, text); };
  EXPECT_EQ(cut("it's we'll I'D"), (Texts{"it", "'s", " we", "'ll", " I", "'", "D"}));
  EXPECT_EQ(cut("a  b   "), (Texts{"a", " ", " b", "   "}));
  EXPECT_EQ(cut("a\n\nb"), (Texts{"a", "\n", "\n", "b"}));
  EXPECT_EQ(cut("a1 2b!? 'x"), (Texts{"a", "1", " 2", "b", "!?", " '", "x"}));
  EXPECT_EQ(cut("e\u0301"), (Texts{"e", "\u0301"}));  // a mark is no letter
  EXPECT_TRUE(cut("").empty());
}

TEST(KnownPatterns, OthersAreNotKnown) { EXPECT_EQ(known_split("\\w+"), nullptr); }

}  // namespace
}  // namespace heddle::text
