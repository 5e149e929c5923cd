#pragma once
// SentencePiece's .model files (Kudo and Richardson 2018): a protobuf message with the pieces, how they were trained
// and how text is normalized. What is read from one gives the ids that SentencePiece's own encode() gives, which the
// parts that the `tokenizers` library knows could not (docs/text.md): its parts are kinds of their own in a
// tokenizer.json.

#include <string>
#include <string_view>
#include <vector>

#include "heddle/text/models/sentence_piece.h"
#include "heddle/text/normalizers/sentence_piece.h"
#include "heddle/text/tokenizer.h"

namespace heddle::text {

struct SentencePieceFile {
  enum class ModelType { unigram = 1, bpe = 2, word = 3, character = 4 };

  std::vector<SentencePiece> pieces;
  ModelType model_type = ModelType::unigram;
  bool byte_fallback = false;
  std::string unk_surface = " \u2047 ";
  SentencePieceNormalizerOptions normalizer;  // without the user-defined symbols, which are pieces
};

// Where a text may be cut without changing what the pieces make of it, so that words can be remembered: before each run
// of "▁" if pieces have it at their beginning alone, after it if at their end; nullptr: nowhere. "▁" must be a piece,
// as a run of unknown characters is one token.
PreTokenizerPtr word_boundaries(const std::vector<SentencePiece>& pieces);

// Whether these bytes begin as a .model file does.
bool looks_like_sentencepiece(std::string_view bytes);

// Throws InputError for what is damaged or asks for what is not known here: model type "word", a map for decoding.
SentencePieceFile read_sentencepiece_file(std::string_view bytes, const std::string& source_name);

// The nearest tokenizer of parts that the `tokenizers` library knows, for use there. Its ids can differ from
// SentencePiece's where the character map has several ways to go, where two ways to cut are as good, and around
// user-defined and control pieces, which it takes out of the text first. Throws InputError for what these parts have no
// words for: unused pieces, spaces as suffixes, pieces made of none, or of one score.
Tokenizer portable_tokenizer_of_sentencepiece(std::string_view bytes, const std::string& source_name);

// encode() adds nothing, as SentencePiece's; control pieces are special tokens that no text holds.
Tokenizer tokenizer_of_sentencepiece(std::string_view bytes, const std::string& source_name);

}  // namespace heddle::text
