#pragma once
// The position table of "Attention Is All You Need" (Vaswani et al. 2017, section 3.5):
// table[p, 2i] = sin(p / 10000^(2i/width)), table[p, 2i+1] = cos of the same.

#include <cstdint>

namespace heddle::kernels {

// table [length, width], width even.
void sinusoidal_positions(int64_t length, int64_t width, double* table);

}  // namespace heddle::kernels
