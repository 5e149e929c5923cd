#pragma once
// WordPiece (Schuster and Nakajima 2012, as in BERT): from left to right the longest token that fits; a piece that
// cannot be put together is unknown as a whole.

#include <string>

#include "heddle/text/models/byte_trie.h"
#include "heddle/text/models/remembering_model.h"

namespace heddle::text {

struct WordPieceOptions {
  std::string unk_token = "[UNK]";
  std::string continuing_subword_prefix = "##";  // of tokens that do not begin a piece
  int64_t max_input_chars_per_word = 100;        // longer pieces are unknown
};

class WordPiece : public RememberingModel {
 public:
  WordPiece(Vocabulary vocabulary, WordPieceOptions options = {});
  void tokenize(std::string_view piece, bool as_bytes, std::vector<Token>& tokens) const override;
  void sample(std::string_view piece, bool as_bytes, const SubwordSampling& how, RandomStream& random,
              std::vector<Token>& tokens) const override;
  void write(JsonWriter& json) const override;

  const WordPieceOptions& options() const { return options_; }

 private:
  template <class PassesOver>
  bool cut(std::string_view piece, std::vector<Token>& tokens, PassesOver passes_over) const;

  WordPieceOptions options_;
  int32_t unk_;
  ByteTrie first_, rest_;  // of tokens that begin a piece, and of those that go on, without their prefix
};

ModelPtr read_word_piece(const JsonView& json);

}  // namespace heddle::text
