#pragma once
// A task the program makes itself: dates, times and quantities as people write them → one normal
// form.
//
//   en: the 9th of March 2024           → 2024-03-09
//   de: fünf vor halb drei nachmittags  → 14:25
//   fr: 1 250,5 km                      → 1250.5 km
//
// The answer is a function of the text. The tag before the text says the language, which decides
// what text alone leaves open: "en: 3/4/2024" is March 4 (month first), "fr: 3/4/2024" is April 3,
// and a point or comma in a number is a decimal or a thousands mark. Years are 1970 to 2069, so
// that two digits name one.
//
// What is held out does not depend on the seed: a date of one split occurs in no other, in any
// language or style; of times and quantities, no text does, large or small letters alike. (The 288
// times that a clock phrase can say are too few to hold out as such: a model learns them by heart.)

#include <cstdint>
#include <vector>

#include "heddle/base/random.h"
#include "heddle/data/parallel_text.h"

namespace heddle::data {

struct DatesSizes {
  int64_t train = 40000, valid = 1000, test = 1000;
};

struct DatesTask {
  std::vector<TextPair> train, valid, test;
};

// The same seed gives the same text. No source line of the held-out splits occurs twice; common
// phrases may in training. Throws InputError for sizes below 1, above 500,000 to train on, or above
// 20,000 held out.
DatesTask make_dates(const DatesSizes& sizes, uint64_t seed);

// One expression and its normal form, from any split.
TextPair draw_date_expression(RandomStream& random);

}  // namespace heddle::data
