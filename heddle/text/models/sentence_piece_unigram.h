#pragma once
// SentencePiece's unigram model, which differs from that of the `tokenizers` library (unigram.h) in its arithmetic:
// log-probabilities add up in 32 bits from the beginning of the text, so what lies before decides where two ways to cut
// are as good; and a user-defined piece is worth more than all other ways to cut it.

#include "heddle/text/models/cut_lattice.h"
#include "heddle/text/models/sentence_piece.h"

namespace heddle::text {

class SentencePieceUnigram : public SentencePieceModel {
 public:
  SentencePieceUnigram(std::vector<SentencePiece> pieces, bool byte_fallback);
  bool scores_cuts() const override { return true; }
  std::vector<ScoredCut> best_cuts(std::string_view piece, bool as_bytes, int64_t most) const override;

 protected:
  void segment(std::string_view text, std::vector<Symbol>& segments) const override;
  // Words, which begin with "▁", are drawn to be cut otherwise; those between are cut as one text.
  void sample_segments(std::string_view text, const SubwordSampling& how, RandomStream& random,
                       std::vector<Symbol>& segments) const override;
  const char* type() const override { return "SentencePieceUnigram"; }

 private:
  template <class Use>
  void each_piece(std::string_view text, Use&& use) const;
  void build(std::string_view text, CutLattice& lattice) const;

  ByteTrie trie_;
  float unk_score_;
};

}  // namespace heddle::text
