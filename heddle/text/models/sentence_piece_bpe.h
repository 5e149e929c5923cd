#pragma once
// SentencePiece's byte-pair encoding: any two neighbours that together are a piece may join, the piece of the highest
// score first, leftmost first. Unlike in bpe.h, a piece is reached from all of its halves at the same rank, characters
// that are no pieces join too, and an unused piece falls apart again in the end.

#include "heddle/text/models/merges.h"
#include "heddle/text/models/sentence_piece.h"

namespace heddle::text {

class SentencePieceBpe : public SentencePieceModel {
 public:
  // joins = false: nothing joins, characters stay by themselves (SentencePiece's model type "char").
  SentencePieceBpe(std::vector<SentencePiece> pieces, bool byte_fallback, bool joins = true);

 protected:
  void segment(std::string_view text, std::vector<Symbol>& segments) const override;
  // Unused pieces then stay unknown, as which way they came about is drawn.
  void sample_segments(std::string_view text, const SubwordSampling& how, RandomStream& random,
                       std::vector<Symbol>& segments) const override;
  const char* type() const override { return joins_ ? "SentencePieceBPE" : "SentencePieceChar"; }

 private:
  // A symbol while joining: a piece's id, or that of a character that is none but stands in pieces, or kLone.
  int32_t symbol_of(std::string_view text) const;
  bool is_unused(int32_t symbol) const;
  int32_t loose(int32_t place) const { return static_cast<int32_t>(pieces().size()) + place; }
  void add_merges();
  void join(std::vector<Symbol>& symbols) const;
  template <class Join>
  void cut(std::string_view text, std::vector<Symbol>& segments, Join&& join) const;

  bool joins_, has_unused_ = false;
  UserDefinedSymbols user_defined_;
  Vocabulary loose_;  // characters that are no pieces, but stand in pieces
  Merges merges_;
};

}  // namespace heddle::text
