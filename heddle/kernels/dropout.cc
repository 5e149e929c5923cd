#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heddle/kernels/dropout.cc"
#include "heddle/kernels/cpu/targets.h"

#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include "heddle/kernels/dropout.h"

HWY_BEFORE_NAMESPACE();
namespace heddle::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// High and low halves of the 64-bit products of all lanes with a constant.
template <class D, class V>
HWY_INLINE void multiply_wide(D d, V a, V constant, V& high, V& low) {
  const hn::RepartitionToWide<D> dw;
  const auto even = hn::BitCast(d, hn::MulEven(a, constant));
  const auto odd = hn::BitCast(d, hn::MulEven(hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(dw, a))), constant));
  low = hn::OddEven(hn::DupEven(odd), even);
  high = hn::OddEven(odd, hn::DupOdd(even));
}

// One Philox block per lane: eight columns each, written in column order as 16-bit draws.
template <class D>
HWY_INLINE void draw_blocks(D d, uint64_t key, uint32_t first_block, uint32_t row, uint64_t example,
                            uint16_t* HWY_RESTRICT draws) {
  using V = hn::Vec<D>;
  const V m0 = hn::Set(d, 0xD2511F53u), m1 = hn::Set(d, 0xCD9E8D57u);
  V c0 = hn::Iota(d, first_block), c1 = hn::Set(d, row);
  V c2 = hn::Set(d, static_cast<uint32_t>(example)), c3 = hn::Set(d, static_cast<uint32_t>(example >> 32));
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    V high0, low0, high1, low1;
    multiply_wide(d, c0, m0, high0, low0);
    multiply_wide(d, c2, m1, high1, low1);
    c0 = hn::Xor(hn::Xor(high1, c1), hn::Set(d, k0));
    c1 = low1;
    c2 = hn::Xor(hn::Xor(high0, c3), hn::Set(d, k1));
    c3 = low0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  hn::StoreInterleaved4(c0, c1, c2, c3, d, reinterpret_cast<uint32_t*>(draws));
}

void Factors(uint64_t key, uint64_t example, uint32_t row, uint32_t threshold, float scale, int64_t first_column,
             int64_t width, float* HWY_RESTRICT out) {
  const hn::ScalableTag<uint32_t> d;
  const hn::Rebind<float, decltype(d)> df;
  const hn::Rebind<uint16_t, decltype(d)> d16;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto limit = hn::Set(d, threshold);
  const auto kept = hn::Set(df, scale);
  HWY_ALIGN uint16_t draws[8 * 16];
  for (int64_t first = 0; first < width; first += 8 * lanes) {
    draw_blocks(d, key, static_cast<uint32_t>((first_column + first) / 8), row, example, draws);
    const int64_t count = HWY_MIN(8 * lanes, width - first);
    int64_t i = 0;
    for (; i + lanes <= count; i += lanes) {
      const auto draw = hn::PromoteTo(d, hn::LoadU(d16, draws + i));
      const auto is_kept = hn::RebindMask(df, hn::Not(draw < limit));
      hn::StoreU(hn::IfThenElseZero(is_kept, kept), df, out + first + i);
    }
    for (; i < count; ++i) out[first + i] = draws[i] < threshold ? 0.0f : scale;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace heddle::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heddle::kernels {
HWY_EXPORT(Factors);

void dropout_factors(const Dropout& dropout, int64_t row, int64_t width, float* factors) {
  dropout_factors(dropout.key, dropout.example[row], dropout.position[row], dropout.threshold, dropout.scale, 0, width,
                  factors);
}

void dropout_factors(uint64_t key, int64_t example, int64_t row, uint32_t threshold, float scale, int64_t first_column,
                     int64_t width, float* factors) {
  HWY_DYNAMIC_DISPATCH(Factors)
  (key, static_cast<uint64_t>(example), static_cast<uint32_t>(row), threshold, scale, first_column, width, factors);
}

}  // namespace heddle::kernels
#endif
