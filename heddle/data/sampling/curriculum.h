#pragma once
// Short examples first: a curriculum by length with a competence that grows (Platanios et al. 2019).

#include <cstdint>
#include <span>
#include <vector>

#include "heddle/base/random.h"

namespace heddle::data {

// The share of the examples, shortest first, that may be shown at `step`: √(start² + (1 − start²) · step / steps), 1
// from `steps` on. Throws InputError unless 0 < start ≤ 1 and steps ≥ 1.
double competence(int64_t step, int64_t steps, double start);

// All examples that the share allows, in random order; at least one. Of equal lengths, earlier examples come first.
std::vector<int64_t> curriculum_order(std::span<const int64_t> lengths, double share, RandomKey key);

}  // namespace heddle::data
