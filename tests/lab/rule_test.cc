#include "heddle/lab/rule.h"

#include <gtest/gtest.h>

#include <limits>

#include "heddle/base/error.h"

namespace heddle::lab {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Rule at_least(double bound) { return {.holds = {{"gain", bound, kInfinity}}, .holds_only_if = {}, .condition = {}}; }

Verdict of(const Rule& rule, std::vector<double> gain, std::vector<double> other = {0, 0, 0}) {
  return judge(rule, {{"gain", std::move(gain)}, {"other", std::move(other)}}).verdict;
}

TEST(Rule, DecidesByTheWholeInterval) {
  EXPECT_EQ(of(at_least(1), {2.0, 2.1, 1.9}), Verdict::holds);
  EXPECT_EQ(of(at_least(1), {0.5, 0.4, 0.6}), Verdict::does_not_hold);
  EXPECT_EQ(of(at_least(1), {2.0, 0.4, 1.0}), Verdict::undecided);
}

TEST(Rule, OneSeedDecidesNothing) { EXPECT_EQ(of(at_least(1), {1000}), Verdict::undecided); }

TEST(Rule, WhatIsNotFiniteDecidesNothing) {
  EXPECT_EQ(of(at_least(1), {5, std::numeric_limits<double>::quiet_NaN(), 5}), Verdict::undecided);
  EXPECT_EQ(of(at_least(1), {5, kInfinity, 5}), Verdict::undecided);
}

TEST(Rule, CountsSeedsWhereAsked) {
  const Rule rule = {.holds = {{"gain", 1, kInfinity, 0.8}}, .holds_only_if = {}, .condition = {}};
  EXPECT_EQ(of(rule, {2, 2, 2, 2, -9}), Verdict::holds);
  EXPECT_EQ(of(rule, {2, 2, 2, -9, -9}), Verdict::undecided);
  EXPECT_EQ(of(rule, {2, -9, -9, -9, -9}), Verdict::does_not_hold);
}

TEST(Rule, AConditionIsMadeFromTheFigures) {
  Rule rule = at_least(1);
  rule.holds_only_if = {{"other", 3, kInfinity}};
  rule.condition = {"other is {other}", "other 为 {other}"};
  const Judgement judgement = judge(rule, {{"gain", {0, 0, 0}}, {"other", {4, 4, 4}}});
  EXPECT_EQ(judgement.verdict, Verdict::holds_only_if);
  EXPECT_EQ(judgement.condition.en, "other is 4");
  EXPECT_EQ(judgement.condition.zh, "other 为 4");
  EXPECT_EQ(of(rule, {0, 0, 0}, {1, 1, 1}), Verdict::does_not_hold);
  EXPECT_EQ(of(rule, {0, 0, 0}, {9, 0, 3}), Verdict::undecided);
  EXPECT_EQ(of(rule, {2, 2, 2}, {1, 1, 1}), Verdict::holds);
}

TEST(Rule, UndecidedSaysWhatMoreIsNeeded) {
  const Judgement judgement = judge(at_least(1), {{"gain", {1.9, 0.7, 1.2}}});
  EXPECT_EQ(judgement.verdict, Verdict::undecided);
  EXPECT_NE(judgement.needs.en.find("gain"), std::string::npos);
  EXPECT_NE(judgement.needs.en.find("seeds would decide"), std::string::npos) << judgement.needs.en;
}

TEST(Rule, AMissingFigureIsAnError) { EXPECT_THROW(judge(at_least(1), {{"loss", {1, 2, 3}}}), Error); }

TEST(Rule, VerdictNamesAreReadBack) {
  for (const Verdict verdict : {Verdict::holds, Verdict::holds_only_if, Verdict::does_not_hold, Verdict::undecided})
    EXPECT_EQ(verdict_of(name_of(verdict)), verdict);
  EXPECT_THROW(verdict_of("perhaps"), InputError);
}

}  // namespace
}  // namespace heddle::lab
