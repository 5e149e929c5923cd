#pragma once
// Tokenizers small enough that what they do to a text is known beforehand.

#include <memory>

#include "heddle/text/models/word_piece.h"
#include "heddle/text/pre_tokenizers/characters.h"
#include "heddle/text/tokenizer.h"

namespace heddle::text {

inline Tokenizer word_piece(const std::vector<std::string>& tokens) {
  TokenizerParts parts;
  parts.model = std::make_shared<WordPiece>(Vocabulary(tokens));
  parts.pre_tokenizer = std::make_shared<BertPreTokenizer>();
  return Tokenizer(std::move(parts));
}

inline Tokenizer small_word_piece() {
  return word_piece({"[UNK]", "dog", "##s", "run", "##ner", "the", ".", "d", "##o", "##g", "cats"});
}

}  // namespace heddle::text
