#include "heddle/text/normalizers/prepend.h"

namespace heddle::text {

void Prepend::apply(AlignedText& text) const {
  if (text.text().empty() || prefix_.empty()) return;
  Rewrite out(text);
  out.prepend(prefix_);
  out.keep_all();
  out.finish();
}

void Prepend::write(JsonWriter& json) const {
  json.member("type", "Prepend");
  json.member("prepend", prefix_);
}

}  // namespace heddle::text
