#pragma once
// The way back from SentencePiece's pieces (Kudo and Richardson 2018): "▁" becomes a space, except the one that was put
// before the text; byte pieces become their characters; the unknown piece becomes a text that one notices.

#include "heddle/text/decoders/decoder.h"

namespace heddle::text {

struct SentencePieceDecoderOptions {
  std::string unk_piece = "<unk>";
  std::string unk_surface = " \u2047 ";
  bool byte_fallback = false;
  bool add_dummy_prefix = true;
  bool remove_extra_whitespaces = true;
};

class SentencePieceDecoder : public Decoder {
 public:
  explicit SentencePieceDecoder(SentencePieceDecoderOptions options) : options_(std::move(options)) {}
  std::vector<std::string> decode(std::vector<std::string> tokens) const override;
  void write(JsonWriter& json) const override;

 private:
  SentencePieceDecoderOptions options_;
};

DecoderPtr read_sentence_piece_decoder(const JsonView& json);

}  // namespace heddle::text
