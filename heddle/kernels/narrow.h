#pragma once
// f32 → bf16, to the nearest, ties to even (IEEE 754); what is not a number stays one. Equal to bf16(float), number by
// number.

#include <cstdint>

#include "heddle/tensor/dtype.h"

namespace heddle::kernels {

void narrow(int64_t count, const float* from, bf16* to);

}  // namespace heddle::kernels
