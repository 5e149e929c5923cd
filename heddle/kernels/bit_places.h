#pragma once
// Where the bits of words are set, as a list. A loop over the set bits of a word ends at another place each time, which
// no processor foresees; here all bits are looked at, several at once, and what is not set is written over.

#include <cstddef>
#include <cstdint>

namespace heddle::kernels {

inline constexpr size_t kMostPlacesAtOnce = 16;

// How many bits of words[0, count) are set.
size_t count_bits(const uint64_t* words, size_t count);
// Writes the places of the bits that are set, in order: bit b of words[i] has the place first + 64 i + b. As many, and
// up to kMostPlacesAtOnce behind them, may be written over.
void write_bit_places(const uint64_t* words, size_t count, uint32_t first, uint32_t* places);

}  // namespace heddle::kernels
