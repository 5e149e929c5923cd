#include "heddle/text/unicode/case.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "heddle/text/unicode/page_set.h"
#include "heddle/text/unicode/properties.h"
#include "heddle/text/unicode/tables.h"

namespace heddle::text {

LowerCase lower_case(int32_t c) {
  if (c < 0x80) return {c >= 'A' && c <= 'Z' ? c + 32 : c, 0};
  static const PageSet pages(tables::kLowercase, tables::kLowercaseCount);
  if (!pages.may_have(c)) return {c, 0};
  const std::span table(tables::kLowercase, tables::kLowercaseCount);
  const auto found = std::ranges::lower_bound(table, c, {}, &tables::Lowercase::from);
  if (found == table.end() || found->from != c) return {c, 0};
  return {found->to, found->second};
}

int32_t capital_of(int32_t c) {
  if (c < 0x80) return c >= 'a' && c <= 'z' ? c - 32 : c;
  static const auto capitals = [] {
    std::vector<std::pair<int32_t, int32_t>> pairs;  // small, capital
    for (const tables::Lowercase& entry : std::span(tables::kLowercase, tables::kLowercaseCount))
      if (entry.second == 0 && properties_of(entry.from).category() == Category::Lu)
        pairs.emplace_back(entry.to, entry.from);
    std::ranges::sort(pairs);
    return pairs;
  }();
  const auto found = std::ranges::lower_bound(capitals, c, {}, &std::pair<int32_t, int32_t>::first);
  return found == capitals.end() || found->first != c ? c : found->second;
}

bool is_capital(int32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z';
  const LowerCase lower = lower_case(c);
  return lower.first != c && lower.second == 0 && capital_of(lower.first) == c;
}

}  // namespace heddle::text
