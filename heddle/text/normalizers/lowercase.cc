#include "heddle/text/normalizers/lowercase.h"

#include "heddle/text/unicode/case.h"

namespace heddle::text {

void Lowercase::apply(AlignedText& text) const {
  Rewrite out(text);
  while (!out.at_end()) {
    const int32_t c = out.next();
    const LowerCase lower = lower_case(c);
    out.put(lower.first);
    if (lower.second != 0) out.insert(lower.second);
  }
  out.finish();
}

void Lowercase::write(JsonWriter& json) const { json.member("type", "Lowercase"); }

}  // namespace heddle::text
