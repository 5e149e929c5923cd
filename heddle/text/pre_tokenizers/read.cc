// Which kind stands at a "pre_tokenizer" of a tokenizer.json, made from its members.

#include "heddle/text/json/part_kinds.h"
#include "heddle/text/pre_tokenizers/byte_level.h"
#include "heddle/text/pre_tokenizers/characters.h"
#include "heddle/text/pre_tokenizers/fixed_length.h"
#include "heddle/text/pre_tokenizers/metaspace.h"
#include "heddle/text/pre_tokenizers/sequence.h"
#include "heddle/text/pre_tokenizers/split.h"
#include "heddle/text/pre_tokenizers/unicode_scripts.h"

namespace heddle::text {
namespace {

PreTokenizerPtr read_pre_tokenizer_sequence(const JsonView& json) {
  const JsonView list = json.at("pretokenizers");
  std::vector<PreTokenizerPtr> parts;
  for (size_t i = 0; i < list.size(); ++i) parts.push_back(read_pre_tokenizer(list.item(i)));
  return std::make_shared<PreTokenizerSequence>(std::move(parts));
}

PreTokenizerPtr read_split(const JsonView& json) {
  return std::make_shared<Split>(Pattern::read(json.at("pattern")), read_split_behavior(json.at("behavior")),
                                 json.flag_or("invert", false));
}

PreTokenizerPtr read_punctuation(const JsonView& json) {
  const auto behavior = json.find("behavior");
  return std::make_shared<Punctuation>(behavior ? read_split_behavior(*behavior) : SplitBehavior::isolated);
}

PreTokenizerPtr read_fixed_length(const JsonView& json) {
  const auto length = json.find("length");
  return std::make_shared<FixedLength>(length ? length->integer(1, INT32_MAX) : 5);
}

}  // namespace

PreTokenizerPtr read_pre_tokenizer(const JsonView& json) {
  static const PartKinds<PreTokenizerPtr> kinds(
      "pre-tokenizer",
      {
          {"BertPreTokenizer", [](const JsonView&) { return std::make_shared<BertPreTokenizer>(); }},
          {"ByteLevel", [](const JsonView& j) { return std::make_shared<ByteLevel>(read_byte_level(j)); }},
          {"CharDelimiterSplit",
           [](const JsonView& j) { return std::make_shared<CharDelimiterSplit>(j.at("delimiter").one_code_point()); }},
          {"Digits", [](const JsonView& j) { return std::make_shared<Digits>(j.at("individual_digits").flag()); }},
          {"FixedLength", read_fixed_length},
          {"Metaspace", [](const JsonView& j) { return std::make_shared<Metaspace>(read_metaspace(j)); }},
          {"Punctuation", read_punctuation},
          {"Sequence", read_pre_tokenizer_sequence},
          {"Split", read_split},
          {"UnicodeScripts", [](const JsonView&) { return std::make_shared<UnicodeScripts>(); }},
          {"Whitespace", [](const JsonView&) { return std::make_shared<Whitespace>(); }},
          {"WhitespaceSplit", [](const JsonView&) { return std::make_shared<WhitespaceSplit>(); }},
      });
  return kinds.read(json);
}

}  // namespace heddle::text
