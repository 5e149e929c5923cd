#include "heddle/text/pre_tokenizers/byte_level.h"

#include "heddle/text/pre_tokenizers/gpt2_split.h"

namespace heddle::text {

void ByteLevel::apply(Pieces& pieces) const {
  const auto lacks_space = [&](const Piece& piece) {
    return piece.added == Piece::kNone && pieces.text(piece)[0] != ' ';
  };
  if (options_.add_prefix_space) {
    pieces.write_byte_characters();
    if (std::ranges::any_of(pieces, lacks_space))
      pieces.rewrite([](Rewrite& out, std::string_view piece) {
        const size_t end = out.at() + piece.size();
        if (piece[0] != ' ') out.prepend(" ");
        out.keep(end - out.at());
      });
  }
  if (options_.use_regex) pieces.split_by(split_gpt2);
  pieces.read_as_bytes();
}

void ByteLevel::write(JsonWriter& json) const { write_byte_level(json, options_); }

ByteLevelOptions read_byte_level(const JsonView& json) {
  return {json.flag_or("add_prefix_space", true), json.flag_or("trim_offsets", true), json.flag_or("use_regex", true)};
}

void write_byte_level(JsonWriter& json, const ByteLevelOptions& options) {
  json.member("type", "ByteLevel");
  json.member("add_prefix_space", options.add_prefix_space);
  json.member("trim_offsets", options.trim_offsets);
  json.member("use_regex", options.use_regex);
}

}  // namespace heddle::text
