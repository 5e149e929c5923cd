// Which kind stands at a "normalizer" of a tokenizer.json, made from its members.

#include "heddle/text/case_marks.h"
#include "heddle/text/json/base64.h"
#include "heddle/text/json/part_kinds.h"
#include "heddle/text/normalizers/bert.h"
#include "heddle/text/normalizers/byte_level.h"
#include "heddle/text/normalizers/lowercase.h"
#include "heddle/text/normalizers/nmt.h"
#include "heddle/text/normalizers/precompiled.h"
#include "heddle/text/normalizers/prepend.h"
#include "heddle/text/normalizers/replace.h"
#include "heddle/text/normalizers/sentence_piece.h"
#include "heddle/text/normalizers/sequence.h"
#include "heddle/text/normalizers/strip.h"
#include "heddle/text/normalizers/unicode_form.h"

namespace heddle::text {
namespace {

NormalizerPtr read_bert_normalizer(const JsonView& json) {
  BertOptions options;
  options.clean_text = json.flag_or("clean_text", true);
  options.handle_chinese_chars = json.flag_or("handle_chinese_chars", true);
  if (const auto strip = json.find("strip_accents")) options.strip_accents = strip->flag();
  options.lowercase = json.flag_or("lowercase", true);
  return std::make_shared<BertNormalizer>(options);
}

NormalizerPtr read_normalizer_sequence(const JsonView& json) {
  const JsonView list = json.at("normalizers");
  std::vector<NormalizerPtr> normalizers;
  for (size_t i = 0; i < list.size(); ++i) normalizers.push_back(read_normalizer(list.item(i)));
  return std::make_shared<NormalizerSequence>(std::move(normalizers));
}

NormalizerPtr form(UnicodeForm which) { return std::make_shared<UnicodeNormalizer>(which); }

}  // namespace

NormalizerPtr read_normalizer(const JsonView& json) {
  static const PartKinds<NormalizerPtr> kinds(
      "normalizer",
      {
          {"BertNormalizer", read_bert_normalizer},
          {"ByteLevel", [](const JsonView&) { return std::make_shared<ByteLevelNormalizer>(); }},
          {"HeddleCaseMarks", [](const JsonView& j) { return std::make_shared<CaseMarks>(read_case_marks(j)); }},
          {"Lowercase", [](const JsonView&) { return std::make_shared<Lowercase>(); }},
          {"NFC", [](const JsonView&) { return form(UnicodeForm::nfc); }},
          {"NFD", [](const JsonView&) { return form(UnicodeForm::nfd); }},
          {"NFKC", [](const JsonView&) { return form(UnicodeForm::nfkc); }},
          {"NFKD", [](const JsonView&) { return form(UnicodeForm::nfkd); }},
          {"Nmt", [](const JsonView&) { return std::make_shared<Nmt>(); }},
          {"Precompiled",
           [](const JsonView& j) { return std::make_shared<Precompiled>(from_base64(j.at("precompiled_charsmap"))); }},
          {"Prepend", [](const JsonView& j) { return std::make_shared<Prepend>(j.at("prepend").text()); }},
          {"Replace",
           [](const JsonView& j) {
    return std::make_shared<Replace>(Pattern::read(j.at("pattern")), j.at("content").text());
           }},
          {"SentencePiece", read_sentence_piece_normalizer},
          {"Sequence", read_normalizer_sequence},
          {"Strip",
           [](const JsonView& j) {
    return std::make_shared<Strip>(j.at("strip_left").flag(), j.at("strip_right").flag());
           }},
      {"StripAccents", [](const JsonView&) { return std::make_shared<StripAccents>(); }},
  });
  return kinds.read(json);
}

}  // namespace heddle::text
