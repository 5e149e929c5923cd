#pragma once
// In which format the inputs of matrix products are read; sums and everything else stay in f32.

#include <cstdint>

namespace heddle::ops {

enum class Compute : uint8_t { f32, bf16 };

}  // namespace heddle::ops
