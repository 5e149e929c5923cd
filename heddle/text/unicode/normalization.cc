#include "heddle/text/unicode/normalization.h"

#include <algorithm>
#include <tuple>

#include "heddle/text/unicode/page_set.h"
#include "heddle/text/unicode/tables.h"

namespace heddle::text {
namespace {

// Hangul syllables are arithmetic: 19 leading consonants by 21 vowels by 27 trailing consonants or none.
constexpr int32_t kSyllable = 0xAC00, kLeading = 0x1100, kVowel = 0x1161, kTrailing = 0x11A7;
constexpr int32_t kLeadings = 19, kVowels = 21, kTrailings = 28;
constexpr int32_t kSyllables = kLeadings * kVowels * kTrailings;

bool in(int32_t c, int32_t first, int32_t count) { return c >= first && c < first + count; }

}  // namespace

std::span<const int32_t> decomposition(int32_t c, bool compatible, int32_t (&hangul)[3]) {
  if (c < 0xA0) return {};
  if (in(c, kSyllable, kSyllables)) {
    const int32_t index = c - kSyllable, trailing = index % kTrailings;
    hangul[0] = kLeading + index / (kVowels * kTrailings);
    hangul[1] = kVowel + index / kTrailings % kVowels;
    hangul[2] = kTrailing + trailing;
    return {hangul, trailing == 0 ? size_t{2} : size_t{3}};
  }
  static const PageSet pages(tables::kDecompositions, tables::kDecompositionCount);
  if (!pages.may_have(c)) return {};
  const std::span table(tables::kDecompositions, tables::kDecompositionCount);
  const auto found = std::ranges::lower_bound(table, c, {}, &tables::Decomposition::from);
  if (found == table.end() || found->from != c) return {};
  const int32_t* canonical = tables::kDecomposed + found->first;
  if (compatible && found->compatible > 0) return {canonical + found->canonical, found->compatible};
  return {canonical, found->canonical};
}

int32_t composition(int32_t first, int32_t second) {
  if (in(first, kLeading, kLeadings) && in(second, kVowel, kVowels))
    return kSyllable + ((first - kLeading) * kVowels + second - kVowel) * kTrailings;
  if (in(first, kSyllable, kSyllables) && (first - kSyllable) % kTrailings == 0 &&
      in(second, kTrailing + 1, kTrailings - 1))
    return first + second - kTrailing;
  const std::span table(tables::kCompositions, tables::kCompositionCount);
  const auto found = std::ranges::lower_bound(
      table, std::pair(first, second), {}, [](const tables::Composition& c) { return std::pair(c.first, c.second); });
  return found != table.end() && found->first == first && found->second == second ? found->composed : 0;
}

}  // namespace heddle::text
