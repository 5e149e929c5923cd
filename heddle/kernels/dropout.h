#pragma once
// The dropout decision as a value that kernels carry through their fused passes.
//
// Element (row r, column c) is dropped when random16(key, example[r], position[r], c) < threshold
// (heddle/base/random.h); the mask is recomputed where it is needed and never stored.

#include <cstdint>

#include "heddle/base/random.h"

namespace heddle::kernels {

struct Dropout {
  uint64_t key = 0;
  uint32_t threshold = 0;             // 0: nothing is dropped
  float scale = 1.0f;                 // of the kept elements, 1/(1-p)
  const int64_t* example = nullptr;   // [rows]
  const int32_t* position = nullptr;  // [rows]

  bool active() const { return threshold != 0; }
  // The same rule for rows begin, begin + 1, ….
  Dropout from_row(int64_t begin) const {
    Dropout rest = *this;
    if (active()) {
      rest.example += begin;
      rest.position += begin;
    }
    return rest;
  }
  // 0 or scale.
  float factor(int64_t row, int64_t column) const {
    if (!active()) return 1.0f;
    return random16(key, static_cast<uint64_t>(example[row]), static_cast<uint32_t>(position[row]),
                    static_cast<uint32_t>(column)) < threshold
               ? 0.0f
               : scale;
  }
};

// factors[c] = factor of column c for c in [0, width): 0 or scale. Eight columns share a random block.
void dropout_factors(const Dropout& dropout, int64_t row, int64_t width, float* factors);
// The same from plain parts, for columns [first_column, first_column + width); first_column % 8 == 0.
void dropout_factors(uint64_t key, int64_t example, int64_t row, uint32_t threshold, float scale, int64_t first_column,
                     int64_t width, float* factors);

}  // namespace heddle::kernels
