// C[m×n] (+)= alpha·A[m×k]·B[k×n] for tiles that fit the caches, per instruction set.
//
// A is read by broadcast with any strides (a transposed A costs nothing); rows of B and C are dense
// vectors, and n is a multiple of 16, so that every level stores whole vectors.

#if defined(HEDDLE_SMALL_PRODUCT_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef HEDDLE_SMALL_PRODUCT_INL_H
#undef HEDDLE_SMALL_PRODUCT_INL_H
#else
#define HEDDLE_SMALL_PRODUCT_INL_H
#endif

#include <cstdint>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace heddle::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

struct SmallProduct {
  int64_t m, n, k;
  const float* a;
  int64_t a_row, a_column;
  const float* b;
  int64_t b_row;
  float* c;
  int64_t c_row;
  float alpha = 1;
  bool accumulate = false;
};

template <int kRows, int kVectors>
HWY_INLINE void product_block(const SmallProduct& p, int64_t i, int64_t j) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  hn::Vec<decltype(d)> sum[kRows][kVectors];
  for (int r = 0; r < kRows; ++r)
    for (int v = 0; v < kVectors; ++v) sum[r][v] = hn::Zero(d);
  const float* HWY_RESTRICT a = p.a + i * p.a_row;
  const float* HWY_RESTRICT b = p.b + j;
  for (int64_t k = 0; k < p.k; ++k) {
    hn::Vec<decltype(d)> row[kVectors];
    for (int v = 0; v < kVectors; ++v) row[v] = hn::LoadU(d, b + k * p.b_row + v * lanes);
    for (int r = 0; r < kRows; ++r) {
      const auto left = hn::Set(d, a[r * p.a_row + k * p.a_column]);
      for (int v = 0; v < kVectors; ++v) sum[r][v] = hn::MulAdd(left, row[v], sum[r][v]);
    }
  }
  const auto alpha = hn::Set(d, p.alpha);
  for (int r = 0; r < kRows; ++r)
    for (int v = 0; v < kVectors; ++v) {
      float* c = p.c + (i + r) * p.c_row + j + v * lanes;
      const auto scaled = hn::Mul(alpha, sum[r][v]);
      hn::StoreU(p.accumulate ? hn::Add(hn::LoadU(d, c), scaled) : scaled, d, c);
    }
}

template <int kVectors>
HWY_INLINE void product_columns(const SmallProduct& p, int64_t j) {
  int64_t i = 0;
  for (; i + 6 <= p.m; i += 6) product_block<6, kVectors>(p, i, j);
  for (; i + 3 <= p.m; i += 3) product_block<3, kVectors>(p, i, j);
  for (; i < p.m; ++i) product_block<1, kVectors>(p, i, j);
}

HWY_INLINE void small_product(const SmallProduct& p) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t j = 0;
  for (; j + 2 * lanes <= p.n; j += 2 * lanes) product_columns<2>(p, j);
  for (; j < p.n; j += lanes) product_columns<1>(p, j);
}

}  // namespace HWY_NAMESPACE
}  // namespace heddle::kernels
HWY_AFTER_NAMESPACE();

#endif
