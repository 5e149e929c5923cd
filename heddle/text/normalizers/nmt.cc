#include "heddle/text/normalizers/nmt.h"

namespace heddle::text {
namespace {

bool is_dropped(int32_t c) {
  return (c >= 0x01 && c <= 0x08) || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F || c == 0x8F || c == 0x9F;
}

bool becomes_space(int32_t c) {
  switch (c) {
    case 0x09:
    case 0x0A:
    case 0x0C:
    case 0x0D:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x2581:
    case 0xFEFF:
    case 0xFFFD: return true;
    default: return c >= 0x200B && c <= 0x200F;
  }
}

}  // namespace

void Nmt::apply(AlignedText& text) const {
  Rewrite out(text);
  while (!out.at_end()) {
    const int32_t c = out.next();
    if (is_dropped(c)) out.drop_next();
    else if (becomes_space(c)) out.put(' ');
    else out.keep_next();
  }
  out.finish();
}

void Nmt::write(JsonWriter& json) const { json.member("type", "Nmt"); }

}  // namespace heddle::text
