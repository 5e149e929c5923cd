#pragma once
// Sets of key positions, as lists of ranges that ascend and lie apart.

#include <span>
#include <vector>

#include "heddle/kernels/mask_step.h"

namespace heddle::kernels {

// What lies in any of the ranges, which need not ascend, lie apart or hold anything.
std::vector<KeyRange> united(std::vector<KeyRange> ranges);

// What lies in both of two sets.
std::vector<KeyRange> in_both(std::span<const KeyRange> a, std::span<const KeyRange> b);

}  // namespace heddle::kernels
