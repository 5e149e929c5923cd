#include "heddle/text/normalizers/bert.h"

#include "heddle/text/normalizers/lowercase.h"
#include "heddle/text/normalizers/unicode_form.h"
#include "heddle/text/unicode/case.h"
#include "heddle/text/unicode/normalization.h"
#include "heddle/text/unicode/properties.h"

namespace heddle::text {
namespace {

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

BertNormalizer::BertNormalizer(BertOptions options) : options_(options) {
  for (int32_t c = 0; c < 128; ++c) {
    const Properties& properties = properties_of(c);
    const int32_t lower = options_.lowercase ? lower_case(c).first : c;
    const int32_t cleaned = properties.is_control() ? -1 : properties.is_space() ? ' ' : lower;
    ascii_[static_cast<size_t>(c)] = static_cast<signed char>(options_.clean_text ? cleaned : lower);
  }
}

// What does not look at neighbours: cleaning, space around Chinese characters, and all of ASCII.
BertNormalizer::Met BertNormalizer::clean(AlignedText& text) const {
  const PropertyTable& table = PropertyTable::instance();
  int32_t hangul[3];
  Met met;
  Rewrite out(text);
  for (out.map_ascii(ascii_); !out.at_end();) {
    const int32_t c = out.next();
    if (c < 0x80) {
      out.map_ascii(ascii_);
      continue;
    }
    const Properties& properties = table[c];
    if (options_.clean_text && properties.is_control()) {
      out.drop_next();
      continue;
    }
    if (options_.clean_text && properties.is_space()) {
      out.put(' ');
      continue;
    }
    if (options_.handle_chinese_chars && properties.is_ideograph()) {
      out.put(' ');
      out.insert(c);
      out.insert(' ');
    } else {
      out.keep_next();
    }
    met.accents = met.accents || properties.combining_class != 0 || properties.is_nonspacing() ||
                  !decomposition(c, false, hangul).empty();
    met.capitals = met.capitals || lower_case(c).first != c;
  }
  out.finish();
  return met;
}

void BertNormalizer::apply(AlignedText& text) const {
  const Met met = clean(text);
  const bool strips = met.accents && options_.strip_accents.value_or(options_.lowercase);
  if (strips) strip_nonspacing(text);
  if (options_.lowercase && (met.capitals || strips)) Lowercase().apply(text);  // an accent may have hidden a capital
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
