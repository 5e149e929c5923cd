#include "heddle/text/models/model.h"

#include "heddle/text/json/part_kinds.h"
#include "heddle/text/models/bpe.h"
#include "heddle/text/models/sentence_piece_bpe.h"
#include "heddle/text/models/sentence_piece_unigram.h"
#include "heddle/text/models/unigram.h"
#include "heddle/text/models/word_level.h"
#include "heddle/text/models/word_piece.h"

namespace heddle::text {

void Model::encode(const Pieces& pieces, std::vector<int32_t>& ids) const {
  thread_local std::vector<Token> tokens;
  for (const Piece& piece : pieces) {
    if (piece.added != Piece::kNone) {
      ids.push_back(piece.added);
      continue;
    }
    tokens.clear();
    tokenize(pieces.text(piece), pieces.as_bytes(), tokens);
    for (const Token& token : tokens) ids.push_back(token.id);
  }
}

namespace {

ModelPtr read_sentence_piece(const JsonView& json) {
  auto pieces = read_sentence_pieces(json);
  const bool byte_fallback = json.flag_or("byte_fallback", false);
  if (json.type() == "SentencePieceUnigram")
    return std::make_shared<SentencePieceUnigram>(std::move(pieces), byte_fallback);
  return std::make_shared<SentencePieceBpe>(std::move(pieces), byte_fallback, json.type() == "SentencePieceBPE");
}

}  // namespace

ModelPtr read_model(const JsonView& json) {
  static const PartKinds<ModelPtr> kinds("model", {{"BPE", read_bpe},
                                                   {"Unigram", read_unigram},
                                                   {"WordLevel", read_word_level},
                                                   {"WordPiece", read_word_piece},
                                                   {"SentencePieceBPE", read_sentence_piece},
                                                   {"SentencePieceChar", read_sentence_piece},
                                                   {"SentencePieceUnigram", read_sentence_piece}});
  // Files of old name no type; those are BPE, as they have merges.
  return json.has("type") || !json.has("merges") ? kinds.read(json) : read_bpe(json);
}

}  // namespace heddle::text
