#pragma once
// The sizes by which attention is cut (attention_tile-inl.h), the same for every SIMD level: what a thread needs of
// scratch memory follows from them.

#include <cstdint>

namespace heddle::kernels {

inline constexpr int64_t kQueryTile = 96, kKeyTile = 64;
inline constexpr int64_t kQueryStep = 12;  // rows by which a tile is cut shorter: whole blocks of a product
// Tiles of queries that pass over the keys together: as many as the second cache holds with what belongs to them. Keys
// and values of a long sequence come from further away.
inline constexpr int64_t kQueryGroup = 4 * kQueryTile;

// Numbers up to whole vectors of every level.
inline constexpr int64_t padded(int64_t count) { return (count + 15) / 16 * 16; }

}  // namespace heddle::kernels
