#include "heddle/text/normalizers/lowercase.h"

#include "heddle/text/unicode/case.h"

namespace heddle::text {

void Lowercase::apply(AlignedText& text) const {
  static const Rewrite::AsciiTable ascii = [] {
    Rewrite::AsciiTable table;
    for (int32_t c = 0; c < 128; ++c) table[static_cast<size_t>(c)] = static_cast<signed char>(lower_case(c).first);
    return table;
  }();
  Rewrite out(text);
  for (out.map_ascii(ascii); !out.at_end(); out.map_ascii(ascii)) {
    const int32_t c = out.next();
    const LowerCase lower = lower_case(c);
    out.put(lower.first);
    if (lower.second != 0) out.insert(lower.second);
  }
  out.finish();
}

void Lowercase::write(JsonWriter& json) const { json.member("type", "Lowercase"); }

}  // namespace heddle::text
