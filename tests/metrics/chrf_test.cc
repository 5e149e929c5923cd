#include "heddle/metrics/chrf.h"

#include <gtest/gtest.h>

#include "heddle/base/error.h"
#include "tests/metrics/metric_cases.h"

namespace heddle::metrics {
namespace {

// "chrf 2 cased" is chrF++; "chrf zh lower" is chrF++ of text in that tokenization.
ChrfOptions options_of(const ScoreName& name) {
  ChrfOptions options = {.lowercase = name.lowercase()};
  if (name.variant.size() == 1) {
    options.word_order = name.variant[0] - '0';
  } else {
    options.word_order = 2;
    options.tokenize = name.variant;
  }
  return options;
}

TEST(Chrf, EqualsSacrebleu) {
  int checked = 0;
  for_each_score("chrf", [&](const std::string& what, const Lines& hypotheses, const std::vector<Lines>& references,
                             const ScoreName& name, const nlohmann::json& expected) {
    EXPECT_NEAR(chrf(hypotheses, references, options_of(name)).score, expected.at("score").get<double>(),
                kScoreTolerance)
        << what;
    ++checked;
  });
  EXPECT_EQ(checked, 117);
}

TEST(Chrf, OtherOrdersEqualSacrebleu) {
  for (const auto& group : metric_cases().at("groups"))
    for (const auto& expected : group.at("chrf_orders")) {
      const ChrfOptions options = {.character_order = expected.at("character_order"),
                                   .word_order = expected.at("word_order"),
                                   .beta = expected.at("beta")};
      EXPECT_NEAR(chrf(group.at("hypotheses"), group.at("references"), options).score,
                  expected.at("score").get<double>(), kScoreTolerance)
          << group.at("name") << " " << expected;
    }
}

TEST(Chrf, CountsByHand) {
  // "ab" and "abc": P = (2/2 + 1/1) / 2, R = (2/3 + 1/2) / 2; order 3 has no n-gram on one side.
  const Chrf c = chrf({"a b"}, {{"abc"}}, {.character_order = 3});
  EXPECT_NEAR(c.precision, 100, 1e-12);
  EXPECT_NEAR(c.recall, 100 * 7.0 / 12, 1e-12);
  EXPECT_NEAR(c.score, 100 * 5 * (7.0 / 12) / (4 + 7.0 / 12), 1e-12);
}

TEST(Chrf, IsHundredForTheReferenceAndZeroForNothing) {
  const Lines lines = {"One, two, three.", "", "Ünïcode 中文 (again)"};
  for (int words : {0, 2}) {
    EXPECT_NEAR(chrf(lines, {lines}, {.word_order = words}).score, 100, 1e-9);
    EXPECT_EQ(chrf({"", "", ""}, {lines}, {.word_order = words}).score, 0);
    EXPECT_EQ(chrf(lines, {{"", "", ""}}, {.word_order = words}).score, 0);
  }
}

TEST(Chrf, WithBetaOneTheSidesAreAlike) {
  const Lines a = {"the blue boat", "rain, again"}, b = {"a boat is blue", "again it rains"};
  const ChrfOptions options = {.word_order = 2, .beta = 1};
  EXPECT_NEAR(chrf(a, {b}, options).score, chrf(b, {a}, options).score, 1e-12);
  EXPECT_NEAR(chrf(a, {b}).precision, chrf(b, {a}).recall, 1e-12);
}

TEST(Chrf, WhiteSpaceCountsOnlyForWords) {
  EXPECT_NEAR(chrf({"bluebo at"}, {{"blue boat"}}).score, 100, 1e-9);
  EXPECT_LT(chrf({"bluebo at"}, {{"blue boat"}}, {.word_order = 2}).score, 80);
}

TEST(Chrf, RefusesTextsThatDoNotPairAndOrdersOfNothing) {
  EXPECT_THROW(chrf({"a", "b"}, {{"a"}}), InputError);
  EXPECT_THROW(chrf({}, {{}}), InputError);
  EXPECT_THROW(chrf({"a"}, {{"a"}}, {.character_order = 0}), InputError);
  EXPECT_THROW(chrf({"a"}, {{"a"}}, {.beta = 0}), InputError);
}

}  // namespace
}  // namespace heddle::metrics
