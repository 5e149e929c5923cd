#include "heddle/text/unicode/case.h"

#include <algorithm>
#include <span>

#include "heddle/text/unicode/tables.h"

namespace heddle::text {

LowerCase lower_case(int32_t c) {
  if (c < 0x80) return {c >= 'A' && c <= 'Z' ? c + 32 : c, 0};
  const std::span table(tables::kLowercase, tables::kLowercaseCount);
  const auto found = std::ranges::lower_bound(table, c, {}, &tables::Lowercase::from);
  if (found == table.end() || found->from != c) return {c, 0};
  return {found->to, found->second};
}

}  // namespace heddle::text
