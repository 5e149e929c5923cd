#pragma once
// What SentencePiece does to a text before it cuts it (Kudo and Richardson 2018): from left to right the longest string
// that its character map knows is replaced, runs of spaces become one and those at the ends none, a space is written
// "▁", and one is put before the text (or after it). User-defined symbols pass unchanged.

#include <memory>

#include "heddle/text/models/sentence_piece.h"
#include "heddle/text/normalizers/character_map.h"
#include "heddle/text/normalizers/normalizer.h"

namespace heddle::text {

// The names are those of SentencePiece's NormalizerSpec and TrainerSpec.
struct SentencePieceNormalizerOptions {
  std::string precompiled_charsmap = {};  // empty: none
  bool add_dummy_prefix = true;
  bool remove_extra_whitespaces = true;
  bool escape_whitespaces = true;
  bool treat_whitespace_as_suffix = false;  // the dummy goes to the end
  std::vector<std::string> user_defined_symbols = {};
};

class SentencePieceNormalizer : public Normalizer {
 public:
  // Throws InputError for a map that is damaged, and an empty symbol.
  explicit SentencePieceNormalizer(SentencePieceNormalizerOptions options);
  void apply(AlignedText& text) const override;
  void write(JsonWriter& json) const override;

 private:
  // What the beginning of a text becomes, and how many of its bytes that is.
  CharacterMap::Match next(std::string_view text) const;

  SentencePieceNormalizerOptions options_;
  std::unique_ptr<CharacterMap> map_;
  UserDefinedSymbols symbols_;
};

NormalizerPtr read_sentence_piece_normalizer(const JsonView& json);

}  // namespace heddle::text
