#pragma once
// Which vector instructions the fast kernels use on this machine.

#include <string>

namespace heddle::kernels {

// "SSE4", "AVX2" or "AVX3" (AVX-512): the best that is compiled in, that the processor has, and that is
// allowed.
std::string simd_level();

// Allows levels up to the named one only, for tests and comparisons. Throws InputError for an unknown name
// and for a level that this processor lacks.
void set_simd_level(const std::string& level);

}  // namespace heddle::kernels
