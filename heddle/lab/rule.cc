#include "heddle/lab/rule.h"

#include <algorithm>
#include <cmath>

#include "heddle/base/error.h"

namespace heddle::lab {
namespace {

enum class Truth : uint8_t { no, unclear, yes };

const Figure& find(const std::vector<Figure>& figures, const std::string& name) {
  const auto found = std::ranges::find(figures, name, &Figure::name);
  HEDDLE_CHECK(found != figures.end(), "a rule names the figure {}, which the experiment has not given", name);
  return *found;
}

bool within(const Predicate& predicate, double value) { return value >= predicate.least && value <= predicate.most; }

Truth truth_of(const Predicate& predicate, const Figure& figure) {
  if (!std::ranges::all_of(figure.values, [](double value) { return std::isfinite(value); })) return Truth::unclear;
  if (predicate.seeds > 0) {
    if (figure.values.size() < 2) return Truth::unclear;
    const auto count = std::ranges::count_if(figure.values, [&](double value) { return within(predicate, value); });
    const double share = static_cast<double>(count) / static_cast<double>(figure.values.size());
    if (share >= predicate.seeds - 1e-9) return Truth::yes;
    // As clear in the other direction, or between the two.
    return share <= 1 - predicate.seeds + 1e-9 ? Truth::no : Truth::unclear;
  }
  const Interval interval = figure.interval();
  if (within(predicate, interval.low) && within(predicate, interval.high)) return Truth::yes;
  return interval.high < predicate.least || interval.low > predicate.most ? Truth::no : Truth::unclear;
}

Truth truth_of(const std::vector<Predicate>& predicates, const std::vector<Figure>& figures) {
  Truth all = Truth::yes;
  for (const Predicate& predicate : predicates)
    all = std::min(all, truth_of(predicate, find(figures, predicate.figure)));
  return all;
}

// How many seeds would make the interval half the distance to the nearest bound.
int64_t seeds_needed(const Predicate& predicate, const Figure& figure) {
  const Interval interval = figure.interval();
  const double distance = std::min(std::abs(interval.mean - predicate.least), std::abs(interval.mean - predicate.most));
  const double half = interval.high - interval.mean;
  const auto n = static_cast<double>(figure.values.size());
  if (!std::isfinite(half) || distance <= 0) return static_cast<int64_t>(std::max(5.0, 4 * n));
  return static_cast<int64_t>(std::ceil(std::clamp(n * half * half / (distance * distance), n + 1, 1e6)));
}

Bilingual needs(const std::vector<Predicate>& predicates, const std::vector<Figure>& figures) {
  for (const Predicate& predicate : predicates) {
    const Figure& figure = find(figures, predicate.figure);
    if (truth_of(predicate, figure) != Truth::unclear) continue;
    const std::string value = fill_in("{" + figure.name + "}", figures), bounds = bounds_text(predicate);
    const int64_t seeds = seeds_needed(predicate, figure);
    return {
        fmt::format("{} is {}, too wide to compare with {}; about {} seeds would decide it", figure.name, value, bounds,
                    seeds),
        fmt::format("{} 为 {}，区间过宽，无法与 {} 比较；约需 {} 个种子才能判定", figure.name, value, bounds, seeds)};
  }
  return {"", ""};
}

}  // namespace

std::string name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds: return "holds";
    case Verdict::holds_only_if: return "holds_only_if";
    case Verdict::does_not_hold: return "does_not_hold";
    case Verdict::undecided: break;
  }
  return "undecided";
}

Verdict verdict_of(const std::string& name) {
  for (const Verdict verdict : {Verdict::holds, Verdict::holds_only_if, Verdict::does_not_hold, Verdict::undecided})
    if (name_of(verdict) == name) return verdict;
  fail_input("\"{}\" is no verdict; expected holds, holds_only_if, does_not_hold or undecided", name);
}

std::string sentence_of(Verdict verdict, Language language) {
  const bool zh = language == Language::zh;
  switch (verdict) {
    case Verdict::holds: return zh ? "成立" : "holds";
    case Verdict::holds_only_if: return zh ? "有条件成立" : "holds only if";
    case Verdict::does_not_hold: return zh ? "不成立" : "does not hold";
    case Verdict::undecided: break;
  }
  return zh ? "未定" : "undecided";
}

Judgement judge(const Rule& rule, const std::vector<Figure>& figures) {
  const Truth plain = truth_of(rule.holds, figures);
  if (plain == Truth::yes) return {Verdict::holds, {}, {}};
  if (plain == Truth::unclear) return {Verdict::undecided, {}, needs(rule.holds, figures)};
  if (rule.holds_only_if.empty()) return {Verdict::does_not_hold, {}, {}};
  const Truth conditional = truth_of(rule.holds_only_if, figures);
  if (conditional == Truth::unclear) return {Verdict::undecided, {}, needs(rule.holds_only_if, figures)};
  if (conditional == Truth::no) return {Verdict::does_not_hold, {}, {}};
  return {Verdict::holds_only_if, {fill_in(rule.condition.en, figures), fill_in(rule.condition.zh, figures)}, {}};
}

std::string bounds_text(const Predicate& predicate) {
  if (std::isinf(predicate.least)) return "≤ " + number_text(predicate.most);
  if (std::isinf(predicate.most)) return "≥ " + number_text(predicate.least);
  return fmt::format("[{}, {}]", number_text(predicate.least), number_text(predicate.most));
}

std::string number_text(double value) {
  if (!std::isfinite(value)) return std::isnan(value) ? "?" : value > 0 ? "∞" : "-∞";
  const double size = std::abs(value);
  if (size == 0) return "0";  // never "-0"
  if (size >= 999.5 && size < 1e7) return fmt::format("{:.0f}", value);
  return fmt::format("{:.3g}", value);
}

std::string fill_in(const std::string& text, const std::vector<Figure>& figures) {
  std::string filled;
  size_t from = 0;
  for (size_t open = text.find('{'); open != std::string::npos; open = text.find('{', from)) {
    const size_t close = text.find('}', open);
    HEDDLE_CHECK(close != std::string::npos, "the text \"{}\" opens a brace and does not close it", text);
    const Interval interval = find(figures, text.substr(open + 1, close - open - 1)).interval();
    filled += text.substr(from, open - from) + number_text(interval.mean);
    if (interval.low != interval.high)
      filled += fmt::format(" ({} … {})", number_text(interval.low), number_text(interval.high));
    from = close + 1;
  }
  return filled + text.substr(from);
}

}  // namespace heddle::lab
