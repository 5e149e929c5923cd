#pragma once
// Lower case of one code point, without regard to its neighbours (a capital sigma at a word's end is as any other).

#include <cstdint>

namespace heddle::text {

struct LowerCase {
  int32_t first;
  int32_t second;  // 0: there is none. Only U+0130 has two: i and a dot above.
};

LowerCase lower_case(int32_t code_point);

}  // namespace heddle::text
