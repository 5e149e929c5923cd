#include "heddle/metrics/ter.h"

#include <gtest/gtest.h>

#include "heddle/base/error.h"
#include "tests/metrics/metric_cases.h"

namespace heddle::metrics {
namespace {

TEST(Ter, EqualsSacrebleu) {
  int checked = 0;
  for_each_score("ter", [&](const std::string& what, const Lines& hypotheses, const std::vector<Lines>& references,
                            const ScoreName& name, const nlohmann::json& expected) {
    SCOPED_TRACE(what);
    const Ter t = ter(hypotheses, references, {.lowercase = name.lowercase(), .tokenize = name.variant});
    EXPECT_NEAR(t.score, expected.at("score").get<double>(), kScoreTolerance);
    EXPECT_EQ(t.edits, expected.at("edits").get<int64_t>());
    EXPECT_NEAR(t.reference_length, expected.at("reference_length").get<double>(), 1e-9);
    ++checked;
  });
  EXPECT_EQ(checked, 65);
}

TEST(Ter, IsZeroForTheReference) {
  const Lines lines = {"One, two, three.", "", "Ünïcode 中文 (again)"};
  EXPECT_EQ(ter(lines, {lines}).score, 0);
  EXPECT_EQ(ter({""}, {{""}}).score, 0);
}

TEST(Ter, CountsEveryWordWhenOneSideIsEmpty) {
  EXPECT_EQ(ter({""}, {{"three words here"}}).score, 100);
  EXPECT_EQ(ter({"two words"}, {{""}}).score, 100);  // by definition: there is nothing to divide by
  EXPECT_EQ(ter({"two words", "one"}, {{"", "one"}}).score, 200);
}

TEST(Ter, LettersAreComparedInLowerCaseUnlessToldOtherwise) {
  EXPECT_EQ(ter({"The Boat"}, {{"the boat"}}).score, 0);
  EXPECT_EQ(ter({"The Boat"}, {{"the boat"}}, {.lowercase = false}).score, 100);
}

TEST(Ter, TokensMakePunctuationAWordOfItsOwn) {
  EXPECT_EQ(ter({"a boat"}, {{"a boat."}}).score, 50);
  EXPECT_NEAR(ter({"a boat"}, {{"a boat."}}, {.tokenize = "13a"}).score, 100.0 / 3, 1e-12);
}

TEST(Ter, RefusesTextsThatDoNotPair) {
  EXPECT_THROW(ter({"a", "b"}, {{"a"}}), InputError);
  EXPECT_THROW(ter({}, {{}}), InputError);
}

}  // namespace
}  // namespace heddle::metrics
