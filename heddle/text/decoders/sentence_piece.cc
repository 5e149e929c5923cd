#include "heddle/text/decoders/sentence_piece.h"

#include "heddle/text/decoders/bytes.h"
#include "heddle/text/decoders/replace_all.h"
#include "heddle/text/utf8.h"

namespace heddle::text {
namespace {

constexpr std::string_view kWordMark = "\u2581";

// The characters of bytes, each byte that belongs to none as U+FFFD.
void append_repaired(std::string& text, std::string_view bytes) {
  for (size_t at = 0; at < bytes.size();) {
    const CodePoint point = read_code_point(bytes, at);
    append_utf8(text, point.value < 0 ? 0xFFFD : point.value);
    at += point.value < 0 ? 1 : static_cast<size_t>(point.length);
  }
}

}  // namespace

std::vector<std::string> SentencePieceDecoder::decode(std::vector<std::string> tokens) const {
  std::string text, bytes;
  const auto flush = [&] {
    append_repaired(text, bytes);
    bytes.clear();
  };
  bool at_begin = true;  // a space here may be the one put before the text
  bool took_it = false;
  for (std::string_view token : tokens) {
    if (const int byte = options_.byte_fallback ? byte_of_fallback(token) : -1; byte >= 0) {
      bytes += static_cast<char>(byte);
      continue;
    }
    flush();
    at_begin = at_begin && !took_it && text.empty();
    took_it = false;
    if (token == options_.unk_piece) {
      text += options_.unk_surface;
      continue;
    }
    if (at_begin && (options_.add_dummy_prefix || options_.remove_extra_whitespaces) && token.starts_with(kWordMark)) {
      token.remove_prefix(kWordMark.size());
      took_it = !options_.remove_extra_whitespaces;
    }
    text += replace_all(token, kWordMark, " ");
  }
  flush();
  return {text};
}

void SentencePieceDecoder::write(JsonWriter& json) const {
  json.member("type", "SentencePiece");
  json.member("unk_piece", options_.unk_piece);
  json.member("unk_surface", options_.unk_surface);
  json.member("byte_fallback", options_.byte_fallback);
  json.member("add_dummy_prefix", options_.add_dummy_prefix);
  json.member("remove_extra_whitespaces", options_.remove_extra_whitespaces);
}

DecoderPtr read_sentence_piece_decoder(const JsonView& json) {
  SentencePieceDecoderOptions options;
  options.unk_piece = json.text_or("unk_piece", options.unk_piece);
  options.unk_surface = json.text_or("unk_surface", options.unk_surface);
  options.byte_fallback = json.flag_or("byte_fallback", false);
  options.add_dummy_prefix = json.flag_or("add_dummy_prefix", true);
  options.remove_extra_whitespaces = json.flag_or("remove_extra_whitespaces", true);
  return std::make_shared<SentencePieceDecoder>(std::move(options));
}

}  // namespace heddle::text
