#include "heddle/metrics/bleu.h"

#include <gtest/gtest.h>

#include <cmath>

#include "heddle/base/error.h"
#include "tests/metrics/metric_cases.h"

namespace heddle::metrics {
namespace {

TEST(Bleu, EqualsSacrebleu) {
  int checked = 0;
  for_each_score("bleu", [&](const std::string& what, const Lines& hypotheses, const std::vector<Lines>& references,
                             const ScoreName& name, const nlohmann::json& expected) {
    SCOPED_TRACE(what);
    const Bleu b = bleu(hypotheses, references, {.tokenize = name.variant, .lowercase = name.lowercase()});
    EXPECT_NEAR(b.score, expected.at("score").get<double>(), kScoreTolerance);
    EXPECT_NEAR(b.brevity_penalty, expected.at("brevity_penalty").get<double>(), 1e-9);
    EXPECT_EQ(b.hypothesis_length, expected.at("hypothesis_length").get<int64_t>());
    EXPECT_EQ(b.reference_length, expected.at("reference_length").get<int64_t>());
    for (size_t n = 0; n < 4; ++n) EXPECT_NEAR(b.precisions[n], expected.at("precisions").at(n).get<double>(), 1e-9);
    ++checked;
  });
  EXPECT_EQ(checked, 130);
}

TEST(Bleu, CountsByHand) {
  // Unigrams the (2 of 3), cat; bigrams "the cat", "the the" once; trigram none.
  const Bleu b = bleu({"the cat the the"}, {{"the the cat sat on"}}, {.tokenize = "none"});
  EXPECT_EQ(b.matches[0], 3);
  EXPECT_EQ(b.totals[0], 4);
  EXPECT_EQ(b.matches[1], 2);
  EXPECT_EQ(b.matches[2], 0);
  EXPECT_EQ(b.totals[3], 1);
  EXPECT_NEAR(b.brevity_penalty, std::exp(1 - 5.0 / 4), 1e-12);
  EXPECT_NEAR(b.precisions[2], 100.0 / (2 * 2), 1e-12);  // no match: half a match
  EXPECT_NEAR(b.precisions[3], 100.0 / (4 * 1), 1e-12);  // again: a quarter
}

TEST(Bleu, IsHundredForTheReferenceAndZeroForNothing) {
  const Lines lines = {"One, two, three, four.", "", "Ünïcode and 中文 together again"};
  for (const char* tokenize : {"13a", "intl", "zh", "char", "none"}) {
    EXPECT_NEAR(bleu(lines, {lines}, {.tokenize = tokenize}).score, 100, 1e-9);
    EXPECT_EQ(bleu({"", "", ""}, {lines}, {.tokenize = tokenize}).score, 0);
    EXPECT_EQ(bleu(lines, {{"", "", ""}}, {.tokenize = tokenize}).score, 0);
  }
}

TEST(Bleu, CaseCountsUnlessLowercased) {
  const Lines hypotheses = {"THE SMALL BOAT IS BLUE"}, reference = {"the small boat is blue"};
  EXPECT_EQ(bleu(hypotheses, {reference}).score, 0);
  EXPECT_NEAR(bleu(hypotheses, {reference}, {.lowercase = true}).score, 100, 1e-9);
}

TEST(Bleu, OrderOfLinesDoesNotMatter) {
  const Lines a = {"the blue boat is here now", "rain came again today at noon"};
  const Lines b = {"the blue boat was here now", "rain came today again at noon"};
  EXPECT_DOUBLE_EQ(bleu(a, {b}).score, bleu({a[1], a[0]}, {{b[1], b[0]}}).score);
}

TEST(Bleu, RefusesTextsThatDoNotPair) {
  EXPECT_THROW(bleu({"a"}, {}), InputError);
  EXPECT_THROW(bleu({}, {{}}), InputError);
  EXPECT_THROW(bleu({"a"}, {{"a"}}, {.tokenize = "14b"}), InputError);
  try {
    bleu({"a", "b"}, {{"a", "b", "c"}});
    FAIL() << "different counts of lines were taken";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("2 hypotheses but 3 reference"), std::string::npos);
  }
}

TEST(Bleu, TakesALineOfAMegabyte) {
  std::string line;
  while (line.size() < (size_t{1} << 20)) line += line.size() % 3 == 0 ? "a " : "bb. ";
  EXPECT_NEAR(bleu({line}, {{line}}).score, 100, 1e-9);
}

}  // namespace
}  // namespace heddle::metrics
