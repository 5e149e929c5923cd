// Which kind stands at a "decoder" of a tokenizer.json, made from its members.

#include "heddle/text/case_marks.h"
#include "heddle/text/decoders/bytes.h"
#include "heddle/text/decoders/sentence_piece.h"
#include "heddle/text/decoders/texts.h"
#include "heddle/text/decoders/word_pieces.h"
#include "heddle/text/json/part_kinds.h"

namespace heddle::text {
namespace {

DecoderPtr read_decoder_sequence(const JsonView& json) {
  const JsonView list = json.at("decoders");
  std::vector<DecoderPtr> parts;
  for (size_t i = 0; i < list.size(); ++i) parts.push_back(read_decoder(list.item(i)));
  return std::make_shared<DecoderSequence>(std::move(parts));
}

DecoderPtr read_strip(const JsonView& json) {
  const auto count = [&](const char* key) { return static_cast<size_t>(json.at(key).integer(0, INT32_MAX)); };
  return std::make_shared<StripDecoder>(json.at("content").one_code_point(), count("start"), count("stop"));
}

DecoderPtr read_ctc(const JsonView& json) {
  return std::make_shared<CtcDecoder>(json.at("pad_token").text(), json.at("word_delimiter_token").text(),
                                      json.at("cleanup").flag());
}

}  // namespace

DecoderPtr read_decoder(const JsonView& json) {
  static const PartKinds<DecoderPtr> kinds(
      "decoder",
      {{"BPEDecoder", [](const JsonView& j) { return std::make_shared<BpeDecoder>(j.at("suffix").text()); }},
       {"ByteFallback", [](const JsonView&) { return std::make_shared<ByteFallbackDecoder>(); }},
       {"ByteLevel", [](const JsonView& j) { return std::make_shared<ByteLevelDecoder>(read_byte_level(j)); }},
       {"CTC", read_ctc},
       {"Fuse", [](const JsonView&) { return std::make_shared<FuseDecoder>(); }},
       {"HeddleCaseMarks", [](const JsonView& j) { return std::make_shared<CaseMarksDecoder>(read_case_marks(j)); }},
       {"Metaspace", [](const JsonView& j) { return std::make_shared<MetaspaceDecoder>(read_metaspace(j)); }},
       {"Replace",
        [](const JsonView& j) {
    return std::make_shared<ReplaceDecoder>(Pattern::read(j.at("pattern")), j.at("content").text());
        }},
       {"SentencePiece", read_sentence_piece_decoder},
       {"Sequence", read_decoder_sequence},
       {"Strip", read_strip},
       {"WordPiece", [](const JsonView& j) {
          return std::make_shared<WordPieceDecoder>(j.at("prefix").text(), j.at("cleanup").flag());
        }}});
  return kinds.read(json);
}

}  // namespace heddle::text
