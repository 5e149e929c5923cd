#pragma once
// Between f32 and bf16. Narrowing goes to the nearest, ties to even (IEEE 754), and what is not a number stays one;
// widening is exact. Both equal the conversions of bf16, number by number.

#include <cstdint>

#include "heddle/tensor/dtype.h"

namespace heddle::kernels {

void narrow(int64_t count, const float* from, bf16* to);
void widen(int64_t count, const bf16* from, float* to);

}  // namespace heddle::kernels
