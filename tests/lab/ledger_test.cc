#include "heddle/lab/ledger.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <set>

#include "heddle/base/error.h"
#include "heddle/lab/experiment.h"

namespace heddle::lab {
namespace {

std::vector<Predicate> all_predicates(const Rule& rule) {
  std::vector<Predicate> all = rule.holds;
  all.insert(all.end(), rule.holds_only_if.begin(), rule.holds_only_if.end());
  return all;
}

// Values worth trying for a figure: on both sides of every bound.
std::vector<double> candidates(const std::vector<Predicate>& predicates, const std::string& figure) {
  std::set<double> bounds, values;
  for (const Predicate& predicate : predicates)
    if (predicate.figure == figure)
      for (const double bound : {predicate.least, predicate.most})
        if (std::isfinite(bound)) bounds.insert(bound);
  const double step = 1 + std::abs(*bounds.rbegin()) + std::abs(*bounds.begin());
  values.insert({*bounds.begin() - step, *bounds.rbegin() + step});
  for (auto bound = bounds.begin(); bound != bounds.end(); ++bound) {
    values.insert(*bound);
    if (std::next(bound) != bounds.end()) values.insert((*bound + *std::next(bound)) / 2);
  }
  return {values.begin(), values.end()};
}

// Which verdicts a rule gives over all combinations of candidate values, of steady and of noisy
// seeds.
std::set<Verdict> reachable(const Rule& rule) {
  const std::vector<Predicate> predicates = all_predicates(rule);
  std::set<std::string> names;
  for (const Predicate& predicate : predicates) names.insert(predicate.figure);
  std::vector<Figure> figures;
  for (const std::string& name : names) figures.push_back({name, {}});
  std::set<Verdict> found;
  const std::function<void(size_t)> choose = [&](size_t i) {
    if (i == figures.size()) {
      found.insert(judge(rule, figures).verdict);
      return;
    }
    for (const double value : candidates(predicates, figures[i].name)) {
      figures[i].values.assign(4, value);
      choose(i + 1);
    }
  };
  choose(0);
  for (Figure& figure : figures) {
    const double far = 1e3 + std::abs(candidates(predicates, figure.name).back());
    figure.values = {-far, far, -far, far};
  }
  found.insert(judge(rule, figures).verdict);
  return found;
}

TEST(Ledger, EveryRowHasClaimsWithARuleOrAReason) {
  for (const Experiment* one : all_experiments()) {
    const Ledger& ledger = ledger_of(one->row);  // parsing refuses a claim with neither
    EXPECT_EQ(ledger.row, one->row);
    EXPECT_FALSE(ledger.claims.empty()) << one->row;
    std::set<std::string> ids;
    for (const Claim& claim : ledger.claims) {
      EXPECT_TRUE(claim.id.starts_with(fmt::format("{}.", one->row))) << claim.id;
      EXPECT_TRUE(ids.insert(claim.id).second) << claim.id << " twice";
      EXPECT_GT(claim.line, 0) << claim.id;
    }
  }
}

TEST(Ledger, EveryRuleCanGiveEveryVerdict) {
  for (const Experiment* one : all_experiments())
    for (const Claim& claim : ledger_of(one->row).claims) {
      if (!claim.rule) continue;
      const std::set<Verdict> found = reachable(*claim.rule);
      EXPECT_TRUE(found.contains(Verdict::holds)) << claim.id;
      EXPECT_TRUE(found.contains(Verdict::does_not_hold)) << claim.id;
      EXPECT_TRUE(found.contains(Verdict::undecided)) << claim.id;
      EXPECT_EQ(found.contains(Verdict::holds_only_if), !claim.rule->holds_only_if.empty()) << claim.id;
    }
}

TEST(Ledger, RefusesWhatIsNotOne) {
  const auto with_claim = [](const std::string& claim) { return R"({"row": 1, "claims": [)" + claim + "]}"; };
  const std::string text = R"("id": "1.1", "line": 3, "text": {"en": "a", "zh": "b"})";
  EXPECT_NO_THROW(
      parse_ledger(with_claim("{" + text + R"(, "rule": {"holds": [{"figure": "f", "at_least": 1}]}})"), "x"));
  for (const std::string& bad :
       {std::string("{"), std::string("[]"), with_claim("{" + text + "}"),
        with_claim("{" + text + R"(, "rule": {"holds": []}})"),
        with_claim("{" + text + R"(, "rule": {"holds": [{"figure": "f"}]}})"),
        with_claim("{" + text + R"(, "rule": {"holds": [{"figure": "f", "between": [2, 1]}]}})"),
        with_claim("{" + text + R"(, "not_testable": {"en": "why"}})"),
        with_claim("{" + text + R"(, "verdict": "holds", "not_testable": {"en": "a", "zh": "b"}})")})
    EXPECT_THROW(parse_ledger(bad, "x"), InputError) << bad;
}

ClaimVerdict verdict(const Claim& claim, Verdict verdict) {
  return {&claim, {verdict, verdict == Verdict::holds_only_if ? Bilingual{"x", "y"} : Bilingual{}, {}}};
}

TEST(Ledger, RowVerdictComesFromItsClaims) {
  Claim a, b;
  a.id = "1.1";
  b.id = "1.2";
  const auto row = [&](Verdict one, Verdict two) { return row_judgement({verdict(a, one), verdict(b, two)}); };
  EXPECT_EQ(row(Verdict::holds, Verdict::holds).verdict, Verdict::holds);
  EXPECT_EQ(row(Verdict::does_not_hold, Verdict::does_not_hold).verdict, Verdict::does_not_hold);
  EXPECT_EQ(row(Verdict::holds, Verdict::undecided).verdict, Verdict::undecided);
  EXPECT_EQ(row(Verdict::holds, Verdict::does_not_hold).verdict, Verdict::holds_only_if);
  EXPECT_EQ(row(Verdict::holds, Verdict::does_not_hold).condition.en, "1.1 holds; 1.2 does not hold");
  EXPECT_EQ(row(Verdict::holds_only_if, Verdict::does_not_hold).condition.en, "1.1 only if x; 1.2 does not hold");
}

}  // namespace
}  // namespace heddle::lab
