#pragma once
// SMOTE: new examples of a rare class between old ones, in the space of features (Chawla et al. 2002).

#include <cstdint>
#include <span>
#include <vector>

#include "heddle/base/random.h"

namespace heddle::data {

// `count` points: for a random row of `features` [rows, width] and one of its `neighbours` nearest rows, a point on the
// line between them, all places alike. [count, width]. A single row is repeated. Throws InputError for no rows, or
// sizes that do not fit. O(rows² · width) for the neighbours.
std::vector<float> smote(std::span<const float> features, int64_t width, int64_t neighbours, int64_t count,
                         RandomKey key);

}  // namespace heddle::data
