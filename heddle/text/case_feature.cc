#include "heddle/text/case_feature.h"

#include "heddle/text/unicode/case.h"
#include "heddle/text/utf8.h"

namespace heddle::text {

Case case_of(std::string_view text) {
  int capitals = 0, small = 0;
  bool first_is_capital = false;
  for (size_t at = 0; at < text.size();) {
    const CodePoint point = decode(text.data() + at);
    at += static_cast<size_t>(point.length);
    const bool capital = is_capital(point.value);
    if (!capital && capital_of(point.value) == point.value) continue;
    if (capitals + small == 0) first_is_capital = capital;
    ++(capital ? capitals : small);
  }
  if (capitals + small == 0) return Case::none;
  if (capitals == 0) return Case::lower;
  if (first_is_capital && capitals == 1) return Case::title;
  return small == 0 ? Case::upper : Case::mixed;
}

std::vector<Case> case_feature(const Encoding& encoding, std::string_view text) {
  std::vector<Case> cases;
  for (const Offsets& where : encoding.offsets)
    cases.push_back(
        case_of(text.substr(static_cast<size_t>(where.begin), static_cast<size_t>(where.end - where.begin))));
  return cases;
}

}  // namespace heddle::text
