#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heddle/kernels/bit_places.cc"
#include "heddle/kernels/cpu/targets.h"

#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <bit>

#include "heddle/kernels/bit_places.h"

HWY_BEFORE_NAMESPACE();
namespace heddle::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void WriteBitPlaces(const uint64_t* HWY_RESTRICT words, size_t count, uint32_t first, uint32_t* HWY_RESTRICT places) {
  const hn::CappedTag<uint32_t, kMostPlacesAtOnce> d;
  const size_t lanes = hn::Lanes(d);
  const auto step = hn::Set(d, static_cast<uint32_t>(lanes));
  auto here = hn::Iota(d, first);
  for (size_t i = 0; i < count; ++i)
    for (size_t bit = 0; bit < 64; bit += lanes) {
      const uint64_t bits = words[i] >> bit & ((uint64_t{1} << lanes) - 1);
      hn::StoreU(hn::Compress(here, hn::LoadMaskBits(d, reinterpret_cast<const uint8_t*>(&bits))), d, places);
      places += std::popcount(bits);
      here = hn::Add(here, step);
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace heddle::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heddle::kernels {
HWY_EXPORT(WriteBitPlaces);

size_t count_bits(const uint64_t* words, size_t count) {
  size_t found = 0;
  for (size_t i = 0; i < count; ++i) found += static_cast<size_t>(std::popcount(words[i]));
  return found;
}

void write_bit_places(const uint64_t* words, size_t count, uint32_t first, uint32_t* places) {
  HWY_DYNAMIC_DISPATCH(WriteBitPlaces)(words, count, first, places);
}

}  // namespace heddle::kernels
#endif
