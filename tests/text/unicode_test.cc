// The tables of Unicode hold together; that they are the tokenizers library's, pipelines_test.cc shows.

#include <gtest/gtest.h>

#include "heddle/base/random.h"
#include "heddle/text/normalizers/unicode_form.h"
#include "heddle/text/unicode/case.h"
#include "heddle/text/unicode/graphemes.h"
#include "heddle/text/unicode/normalization.h"
#include "heddle/text/unicode/properties.h"
#include "heddle/text/utf8.h"

namespace heddle::text {
namespace {

std::string in_form(UnicodeForm form, const std::string& text) {
  AlignedText aligned(text, false);
  UnicodeNormalizer(form).apply(aligned);
  return std::string(aligned.text());
}

TEST(Unicode, Properties) {
  EXPECT_EQ(properties_of('a').category(), Category::Ll);
  EXPECT_EQ(properties_of(0x01C5).category(), Category::Lt);
  EXPECT_EQ(properties_of(0x10FFFF).category(), Category::Cn);
  EXPECT_TRUE(properties_of(0x3000).is_space() && properties_of(0x85).is_space() && !properties_of(0x200B).is_space());
  EXPECT_TRUE(properties_of('$').is_punctuation() && properties_of(0x3002).is_punctuation());
  EXPECT_TRUE(properties_of(0x4E2D).is_ideograph() && !properties_of(0x3042).is_ideograph());
  EXPECT_EQ(properties_of(0x0301).combining_class, 230);
  EXPECT_EQ(properties_of(0x3042).script, properties_of(0x4E2D).script);  // hiragana counts as Han
  EXPECT_NE(properties_of('a').script, properties_of(0x0436).script);
}

TEST(Unicode, LowerCase) {
  EXPECT_EQ(lower_case('A').first, 'a');
  EXPECT_EQ(lower_case(0x03A3).first, 0x03C3);
  EXPECT_EQ(lower_case(0x0130).first, 'i');
  EXPECT_EQ(lower_case(0x0130).second, 0x0307);
  EXPECT_EQ(lower_case(0x4E2D).first, 0x4E2D);
}

TEST(Unicode, FormsOfKnownTexts) {
  EXPECT_EQ(in_form(UnicodeForm::nfd, "é한"), "e\u0301\u1112\u1161\u11AB");
  EXPECT_EQ(in_form(UnicodeForm::nfc, "e\u0301\u1112\u1161\u11AB"), "é한");
  EXPECT_EQ(in_form(UnicodeForm::nfkc, "ﬁ½Ⅷ\u3000"), "fi1\u20442VIII ");
  EXPECT_EQ(in_form(UnicodeForm::nfd, "a\u0301\u0323"), "a\u0323\u0301");  // the dot below goes first
  EXPECT_EQ(in_form(UnicodeForm::nfc, "a\u0315\u0301"), "\u00E1\u0315");
}

TEST(Unicode, FormsAreStable) {
  RandomStream random(RandomKey{.seed = 12});
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (uint64_t k = 1 + random.below(6); k > 0; --k) {
      const int32_t starts[] = {0x00C0, 0x0300, 0x1100, 0xAC00, 0x1E00, 0xF900, 0x0900, 0x41};
      append_utf8(text, starts[random.below(8)] + static_cast<int32_t>(random.below(112)));
    }
    const std::string nfd = in_form(UnicodeForm::nfd, text), nfc = in_form(UnicodeForm::nfc, text);
    EXPECT_EQ(in_form(UnicodeForm::nfd, nfd), nfd);
    EXPECT_EQ(in_form(UnicodeForm::nfc, nfc), nfc);
    EXPECT_EQ(in_form(UnicodeForm::nfd, nfc), nfd) << text;
    EXPECT_EQ(in_form(UnicodeForm::nfc, nfd), nfc) << text;
  }
}

TEST(Unicode, Clusters) {
  const auto clusters = [](const std::string& text) {
    std::vector<std::string> found;
    for (size_t at = 0; at < text.size();) {
      const size_t end = cluster_end(text, at);
      found.push_back(text.substr(at, end - at));
      at = end;
    }
    return found;
  };
  using Texts = std::vector<std::string>;
  EXPECT_EQ(clusters("ae\u0301\u0323b"), (Texts{"a", "e\u0301\u0323", "b"}));
  EXPECT_EQ(clusters("\r\n\n\u0301"), (Texts{"\r\n", "\n", "\u0301"}));
  EXPECT_EQ(clusters("\u00A9\u200D\u00A9\u00A9"), (Texts{"\u00A9\u200D\u00A9", "\u00A9"}));
  EXPECT_EQ(clusters("\u1100\u1161\u11A8\u1100"), (Texts{"\u1100\u1161\u11A8", "\u1100"}));
  EXPECT_EQ(clusters("\u0600a"), (Texts{"\u0600a"}));
}

}  // namespace
}  // namespace heddle::text
