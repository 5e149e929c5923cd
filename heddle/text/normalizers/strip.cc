#include "heddle/text/normalizers/strip.h"

#include "heddle/text/unicode/properties.h"

namespace heddle::text {
namespace {

// The bytes of white space that `text` begins with.
size_t leading_space(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const CodePoint point = decode(text.data() + at);
    if (!properties_of(point.value).is_space()) break;
    at += static_cast<size_t>(point.length);
  }
  return at;
}

// The bytes of `text` up to the white space that it ends with.
size_t before_trailing_space(std::string_view text) {
  size_t end = text.size();
  while (end > 0) {
    const CodePoint point = decode_before(text, end);
    if (!properties_of(point.value).is_space()) break;
    end -= static_cast<size_t>(point.length);
  }
  return end;
}

}  // namespace

void Strip::apply(AlignedText& text) const {
  const std::string_view old = text.text();
  const size_t begin = left_ ? leading_space(old) : 0;
  const size_t end = right_ ? std::max(begin, before_trailing_space(old)) : old.size();
  if (begin == 0 && end == old.size()) return;
  Rewrite out(text);
  out.drop(begin);
  out.keep(end - begin);
  out.finish();
}

void Strip::write(JsonWriter& json) const {
  json.member("type", "Strip");
  json.member("strip_left", left_);
  json.member("strip_right", right_);
}

void StripAccents::apply(AlignedText& text) const {
  if (ascii_prefix(text.text()) == text.text().size()) return;
  Rewrite out(text);
  for (out.keep_ascii(); !out.at_end(); out.keep_ascii()) {
    if (properties_of(out.next()).is_combining()) out.drop_next();
    else out.keep_next();
  }
  out.finish();
}

void StripAccents::write(JsonWriter& json) const { json.member("type", "StripAccents"); }

}  // namespace heddle::text
