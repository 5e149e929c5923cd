#include "heddle/text/normalizers/bert.h"

#include "heddle/text/normalizers/lowercase.h"
#include "heddle/text/normalizers/unicode_form.h"
#include "heddle/text/unicode/properties.h"

namespace heddle::text {
namespace {

void clean(AlignedText& text) {
  static const Rewrite::AsciiTable ascii = [] {
    Rewrite::AsciiTable table;
    for (int32_t c = 0; c < 128; ++c) {
      const Properties& properties = properties_of(c);
      const int32_t becomes = properties.is_control() ? -1 : properties.is_space() ? ' ' : c;
      table[static_cast<size_t>(c)] = static_cast<signed char>(becomes);
    }
    return table;
  }();
  Rewrite out(text);
  for (out.map_ascii(ascii); !out.at_end(); out.map_ascii(ascii)) {
    const Properties& properties = properties_of(out.next());
    if (properties.is_control()) out.drop_next();
    else if (properties.is_space()) out.put(' ');
    else out.keep_next();
  }
  out.finish();
}

void space_ideographs(AlignedText& text) {
  if (ascii_prefix(text.text()) == text.text().size()) return;
  Rewrite out(text);
  for (out.keep_ascii(); !out.at_end(); out.keep_ascii()) {
    const int32_t c = out.next();
    if (properties_of(c).is_ideograph()) {
      out.put(' ');
      out.insert(c);
      out.insert(' ');
    } else {
      out.keep_next();
    }
  }
  out.finish();
}

void strip_nonspacing(AlignedText& text) {
  if (ascii_prefix(text.text()) == text.text().size()) return;
  UnicodeNormalizer(UnicodeForm::nfd).apply(text);
  Rewrite out(text);
  for (out.keep_ascii(); !out.at_end(); out.keep_ascii()) {
    if (properties_of(out.next()).is_nonspacing()) out.drop_next();
    else out.keep_next();
  }
  out.finish();
}

}  // namespace

void BertNormalizer::apply(AlignedText& text) const {
  if (options_.clean_text) clean(text);
  if (options_.handle_chinese_chars) space_ideographs(text);
  if (options_.strip_accents.value_or(options_.lowercase)) strip_nonspacing(text);
  if (options_.lowercase) Lowercase().apply(text);
}

void BertNormalizer::write(JsonWriter& json) const {
  json.member("type", "BertNormalizer");
  json.member("clean_text", options_.clean_text);
  json.member("handle_chinese_chars", options_.handle_chinese_chars);
  json.key("strip_accents");
  if (options_.strip_accents) json.value(*options_.strip_accents);
  else json.null();
  json.member("lowercase", options_.lowercase);
}

}  // namespace heddle::text
