#pragma once
// The generated tables as they lie in the program; properties.h, case.h and normalization.h are how to ask them.
// tools/make_unicode_tables.py reads them off the PyPI package `tokenizers`, whose parts follow several versions of
// Unicode (regular expressions and case 16.0, normalization before 12.0, punctuation and control characters 8.0).

#include <cstddef>
#include <cstdint>

#include "heddle/text/unicode/properties.h"

namespace heddle::text::tables {

// `length` code points on end share a record.
struct Run {
  uint32_t length;
  uint16_t record;
};
extern const Properties kRecords[];
extern const Run kRuns[];
extern const size_t kRunCount;

struct Lowercase {
  int32_t from, to, second;  // second: 0, or what follows `to`
};
extern const Lowercase kLowercase[];  // by `from`
extern const size_t kLowercaseCount;

// kDecomposed[first, first + canonical) is the full canonical decomposition; the compatible one is the
// `compatible` code points after it, or the same when there are none.
struct Decomposition {
  int32_t from;
  uint16_t first;
  uint8_t canonical, compatible;
};
extern const Decomposition kDecompositions[];  // by `from`
extern const size_t kDecompositionCount;
extern const int32_t kDecomposed[];

struct Composition {
  int32_t first, second, composed;
};
extern const Composition kCompositions[];  // by first, then second
extern const size_t kCompositionCount;

}  // namespace heddle::text::tables
