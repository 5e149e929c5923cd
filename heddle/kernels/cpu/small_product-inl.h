// A TileProduct (tile_product.h) per instruction set, of whole vectors alone: n is a multiple of 16, as every level
// stores them. A is read by broadcast.

#if defined(HEDDLE_SMALL_PRODUCT_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef HEDDLE_SMALL_PRODUCT_INL_H
#undef HEDDLE_SMALL_PRODUCT_INL_H
#else
#define HEDDLE_SMALL_PRODUCT_INL_H
#endif

#include <cstdint>

#include <hwy/highway.h>

#include "heddle/kernels/tile_product.h"

HWY_BEFORE_NAMESPACE();
namespace heddle::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using SmallProduct = TileProduct<float>;

// A block of sums takes kRows·kVectors registers; with the rows of B and one number of A they fill what there is.
#if HWY_TARGET <= HWY_AVX3
constexpr int kRowsOfFour = 6, kRowsOfTwo = 12, kRowsOfOne = 12;
#else
constexpr int kRowsOfFour = 0, kRowsOfTwo = 6, kRowsOfOne = 12;
#endif

template <int kRows, int kVectors>
HWY_INLINE void product_block(const SmallProduct& p, int64_t i, int64_t j) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  hn::Vec<decltype(d)> sum[kRows][kVectors];
  for (int r = 0; r < kRows; ++r)
    for (int v = 0; v < kVectors; ++v) sum[r][v] = hn::Zero(d);
  // Three rows of A for each pointer: as many as one address and its multiples reach.
  constexpr int kPointers = (kRows + 2) / 3;
  const float* HWY_RESTRICT a[kPointers];
  for (int g = 0; g < kPointers; ++g) a[g] = p.a + (i + 3 * g) * p.a_row;
  const float* HWY_RESTRICT b = p.b + j;
  const int64_t a_row = p.a_row, a_column = p.a_column, b_row = p.b_row;
  for (int64_t k = 0; k < p.k; ++k) {
    hn::Vec<decltype(d)> row[kVectors];
    for (int v = 0; v < kVectors; ++v) row[v] = hn::LoadU(d, b + v * lanes);
    for (int r = 0; r < kRows; ++r) {
      const auto left = hn::Set(d, a[r / 3][r % 3 * a_row]);
      for (int v = 0; v < kVectors; ++v) sum[r][v] = hn::MulAdd(left, row[v], sum[r][v]);
    }
    for (int g = 0; g < kPointers; ++g) a[g] += a_column;
    b += b_row;
  }
  float* HWY_RESTRICT c = p.c + i * p.c_row + j;
  const int64_t c_row = p.c_row;
  if (p.accumulate)
    for (int r = 0; r < kRows; ++r)
      for (int v = 0; v < kVectors; ++v) sum[r][v] = hn::Add(sum[r][v], hn::LoadU(d, c + r * c_row + v * lanes));
  for (int r = 0; r < kRows; ++r)
    for (int v = 0; v < kVectors; ++v) hn::StoreU(sum[r][v], d, c + r * c_row + v * lanes);
}

// A block of `rows` rows, at most kMost.
template <int kVectors, int kMost>
HWY_INLINE void product_of_rows(const SmallProduct& p, int64_t rows, int64_t i, int64_t j) {
  if constexpr (kMost > 0) {
    if (rows == kMost) product_block<kMost, kVectors>(p, i, j);
    else product_of_rows<kVectors, kMost - 1>(p, rows, i, j);
  }
}

// Blocks of nearly the same height over all rows: a low one waits for its sums. Each takes the columns [j, j + kVectors
// vectors), [end) and so on: B stays in the nearest cache, rows of A and C pass through it.
template <int kVectors, int kMost>
HWY_INLINE void product_columns(const SmallProduct& p, int64_t begin, int64_t end) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(hn::ScalableTag<float>()));
  const int64_t blocks = (p.m + kMost - 1) / kMost;
  for (int64_t block = 0, i = 0; block < blocks; ++block) {
    const int64_t rows = (p.m - i + blocks - block - 1) / (blocks - block);
    for (int64_t j = begin; j < end; j += kVectors * lanes) product_of_rows<kVectors, kMost>(p, rows, i, j);
    i += rows;
  }
}

inline HWY_NOINLINE void small_product(const SmallProduct& p) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(hn::ScalableTag<float>()));
  int64_t j = 0;
  if constexpr (kRowsOfFour > 0) {
    const int64_t end = p.n / (4 * lanes) * 4 * lanes;
    product_columns<4, kRowsOfFour>(p, j, end);
    j = end;
  }
  const int64_t end = p.n / (2 * lanes) * 2 * lanes;
  product_columns<2, kRowsOfTwo>(p, j, end);
  product_columns<1, kRowsOfOne>(p, end, p.n);
}

}  // namespace HWY_NAMESPACE
}  // namespace heddle::kernels
HWY_AFTER_NAMESPACE();

#endif
