#pragma once
// The data of Unicode normalization (Annex 15): what a code point is taken apart into, and what two are joined to.
// The algorithm over a text is heddle/text/normalizers/unicode_form.h.

#include <cstdint>
#include <span>

namespace heddle::text {

// The full decomposition of a code point, canonical or compatible, into at most 18 code points; empty: it is itself.
// Hangul syllables are written into `hangul`, which the result then views.
std::span<const int32_t> decomposition(int32_t code_point, bool compatible, int32_t (&hangul)[3]);

// What NFC makes of two neighbours; 0: they stay two.
int32_t composition(int32_t first, int32_t second);

}  // namespace heddle::text
