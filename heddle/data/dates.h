#pragma once
// The demo's task: dates, times and quantities as people write them in English, German, French and Spanish,
// and their one normal form: 2024-03-09, 14:30, 3.5 km.
//
// Every text has one meaning: months and units are words whose language is plain, and purely numeric
// dates stand in the German order with dots or in the year-first order. A value (a day, a minute, an amount)
// belongs to one split by its hash, so that no test value, and with it no test input, occurs in training.
// Times told in words ("half past two") have too few values to be held out; they occur in training only.

#include <cstdint>
#include <string>
#include <vector>

#include "heddle/base/random.h"
#include "heddle/data/parallel_text.h"

namespace heddle::data {

enum class Split : uint8_t { train, valid, test };

// One random example of a split.
TextPair random_date_example(RandomStream& random, Split split);

// `count` examples; those of valid and test are all different.
std::vector<TextPair> date_examples(uint64_t seed, Split split, int64_t count);

}  // namespace heddle::data
