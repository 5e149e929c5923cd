#pragma once
// Verdicts by rules that were declared before the figures were known.
//
// A rule is a list of predicates over named figures. Each predicate is true, false, or, where the spread of the
// figure reaches over its bound, unclear. A claim holds when all predicates of `holds` are true. If one of them is
// false, it holds only under a condition when all of `holds_only_if` are true, and does not hold when one of those
// is false too (or there are none). In every other case it is undecided, and the judgement says which figure
// needs how many seeds.

#include <optional>
#include <string>
#include <vector>

#include "heddle/lab/bilingual.h"
#include "heddle/lab/figure.h"

namespace heddle::lab {

enum class Verdict : uint8_t { holds, holds_only_if, does_not_hold, undecided };

std::string name_of(Verdict verdict);                         // "holds_only_if"
Verdict verdict_of(const std::string& name);                  // InputError for another name
std::string sentence_of(Verdict verdict, Language language);  // "holds only if"

// least <= figure <= most.
struct Predicate {
  std::string figure;
  double least, most;  // either may be infinite
  // 0: the whole confidence interval must lie within the bounds (true) or outside (false).
  // Otherwise: the share of seeds whose own value lies within them must be at least this.
  double seeds = 0;
};

struct Rule {
  std::vector<Predicate> holds, holds_only_if;
  // Says under which condition, with {figure} for a figure's value; used when holds_only_if decides.
  Bilingual condition;
};

struct Judgement {
  Verdict verdict = Verdict::undecided;
  Bilingual condition;  // of holds_only_if
  Bilingual needs;      // of undecided: what more would decide it
};

// Throws Error when a figure that the rule names is missing.
Judgement judge(const Rule& rule, const std::vector<Figure>& figures);

// `text` with every {figure} replaced by its mean and interval.
std::string fill_in(const std::string& text, const std::vector<Figure>& figures);
// "≥ 0.2", "≤ 1", "[0.98, 1.02]".
std::string bounds_text(const Predicate& predicate);
// A number as a reader wants it: three significant digits.
std::string number_text(double value);

}  // namespace heddle::lab
