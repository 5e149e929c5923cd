#include "heddle/text/normalizers/replace.h"

namespace heddle::text {

void Replace::apply(AlignedText& text) const {
  std::optional<Rewrite> out;  // begun at the first match
  pattern_.find_all(text.text(), [&](size_t begin, size_t end) {
    if (!out) out.emplace(text);
    out->keep(begin - out->at());
    out->drop(end - begin);
    out->insert(content_);
  });
  if (!out) return;
  out->keep_all();
  out->finish();
}

void Replace::write(JsonWriter& json) const {
  json.member("type", "Replace");
  json.key("pattern");
  pattern_.write(json);
  json.member("content", content_);
}

}  // namespace heddle::text
