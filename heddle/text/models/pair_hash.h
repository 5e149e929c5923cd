#pragma once
// The hash of a pair of symbols, for tables of pairs.

#include <cstdint>

namespace heddle::text {

inline uint64_t hash_pair(uint32_t left, uint32_t right) {
  const uint64_t key = uint64_t{left} << 32 | right;
  const uint64_t mixed = (key ^ key >> 29) * 0x9E3779B97F4A7C15u;
  return mixed ^ mixed >> 32;
}

}  // namespace heddle::text
