#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heddle/kernels/narrow.cc"
#include "heddle/kernels/cpu/targets.h"

#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include "heddle/kernels/narrow.h"

HWY_BEFORE_NAMESPACE();
namespace heddle::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// The upper half of each word after half a unit was added to it; a NaN is only made quiet, lest it round to infinity.
void NarrowRange(int64_t count, const float* HWY_RESTRICT from, uint16_t* HWY_RESTRICT to) {
  const hn::ScalableTag<float> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  const hn::RebindToSigned<decltype(d)> di;
  const hn::Rebind<uint16_t, decltype(d)> d16;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto one = hn::Set(du, 1u), half = hn::Set(du, 0x7FFFu), quiet = hn::Set(du, 0x400000u);
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto value = hn::LoadU(d, from + i);
    const auto word = hn::BitCast(du, value);
    const auto rounded = hn::Add(word, hn::Add(half, hn::And(hn::ShiftRight<16>(word), one)));
    const auto kept = hn::IfThenElse(hn::RebindMask(du, hn::IsNaN(value)), hn::Or(word, quiet), rounded);
    hn::StoreU(hn::DemoteTo(d16, hn::BitCast(di, hn::ShiftRight<16>(kept))), d16, to + i);
  }
  for (; i < count; ++i) to[i] = bf16(from[i]).bits;
}

void WidenRange(int64_t count, const uint16_t* HWY_RESTRICT from, float* HWY_RESTRICT to) {
  const hn::ScalableTag<float> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  const hn::Rebind<uint16_t, decltype(d)> d16;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes)
    hn::StoreU(hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(du, hn::LoadU(d16, from + i)))), d, to + i);
  for (; i < count; ++i) {
    bf16 number;
    number.bits = from[i];
    to[i] = static_cast<float>(number);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace heddle::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heddle::kernels {
HWY_EXPORT(NarrowRange);
HWY_EXPORT(WidenRange);

void narrow(int64_t count, const float* from, bf16* to) {
  static_assert(sizeof(bf16) == sizeof(uint16_t));
  HWY_DYNAMIC_DISPATCH(NarrowRange)(count, from, &to->bits);
}

void widen(int64_t count, const bf16* from, float* to) { HWY_DYNAMIC_DISPATCH(WidenRange)(count, &from->bits, to); }

}  // namespace heddle::kernels
#endif
