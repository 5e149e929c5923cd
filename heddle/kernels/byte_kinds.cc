#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heddle/kernels/byte_kinds.cc"
#include "heddle/kernels/cpu/targets.h"

#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include "heddle/kernels/byte_kinds.h"

HWY_BEFORE_NAMESPACE();
namespace heddle::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void FindByteKinds(const uint8_t* HWY_RESTRICT text, size_t words, ByteKinds* HWY_RESTRICT kinds) {
  const hn::CappedTag<uint8_t, 64> d;
  const size_t lanes = hn::Lanes(d);
  for (size_t word = 0; word < words; ++word, text += 64) {
    ByteKinds found;
    for (size_t at = 0; at < 64; at += lanes) {
      const auto bytes = hn::LoadU(d, text + at);
      const auto bits = [&](auto mask) HWY_ATTR {
        uint64_t found_bits = 0;
        hn::StoreMaskBits(d, mask, reinterpret_cast<uint8_t*>(&found_bits));
        return found_bits << at;
      };
      const auto is = [&](int byte) HWY_ATTR { return hn::Eq(bytes, hn::Set(d, static_cast<uint8_t>(byte))); };
      const auto is_between = [&](auto x, int first, int last) HWY_ATTR {
        const auto above = hn::Sub(x, hn::Set(d, static_cast<uint8_t>(first)));
        return hn::Eq(above, hn::Min(above, hn::Set(d, static_cast<uint8_t>(last - first))));
      };
      found.letter |= bits(is_between(hn::Or(bytes, hn::Set(d, uint8_t{0x20})), 'a', 'z'));
      found.digit |= bits(is_between(bytes, '0', '9'));
      found.space |= bits(is_between(bytes, '\t', '\r'));
      found.blank |= bits(is(' '));
      found.apostrophe |= bits(is('\''));
      found.wide |= bits(is_between(bytes, 0x80, 0xFF));
    }
    found.space |= found.blank;
    kinds[word] = found;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace heddle::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heddle::kernels {
HWY_EXPORT(FindByteKinds);

void find_byte_kinds(const char* text, size_t words, ByteKinds* kinds) {
  HWY_DYNAMIC_DISPATCH(FindByteKinds)(reinterpret_cast<const uint8_t*>(text), words, kinds);
}

}  // namespace heddle::kernels
#endif
