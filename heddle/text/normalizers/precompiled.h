#pragma once
// A character map of SentencePiece, applied as the `tokenizers` library does it: grapheme by grapheme. As SentencePiece
// itself does it: sentence_piece.h.

#include "heddle/text/normalizers/character_map.h"
#include "heddle/text/normalizers/normalizer.h"

namespace heddle::text {

class Precompiled : public Normalizer {
 public:
  // Throws InputError for a map that is damaged.
  explicit Precompiled(std::string charsmap);
  void apply(AlignedText& text) const override;
  void write(JsonWriter& json) const override;

 private:
  static constexpr signed char kNotAlone = -1;
  size_t ascii_run(std::string_view text, size_t at) const;
  size_t plain_run(std::string_view text, size_t at) const;

  CharacterMap map_;
  Rewrite::AsciiTable ascii_{};  // what ASCII characters become that are clusters; kNotAlone: not one byte
  std::vector<bool> is_plain_;   // of code points of up to 16 bits: not mapped, and a cluster but for what follows
};

}  // namespace heddle::text
