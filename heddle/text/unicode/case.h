#pragma once
// Lower case of one code point, without regard to its neighbours (a capital sigma at a word's end is as any other).

#include <cstdint>

namespace heddle::text {

struct LowerCase {
  int32_t first;
  int32_t second;  // 0: there is none. Only U+0130 has two: i and a dot above.
};

LowerCase lower_case(int32_t code_point);

// The letter whose lower case this is, the lowest of several; itself, if there is none.
int32_t capital_of(int32_t small_letter);
// Whether a code point is the capital_of() its lower case, and not that itself.
bool is_capital(int32_t code_point);

}  // namespace heddle::text
