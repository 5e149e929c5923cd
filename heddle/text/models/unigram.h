#pragma once
// The unigram language model (Kudo 2018): of all ways to cut a piece into tokens the one whose log-probabilities add up
// to the most, found by dynamic programming from left to right.

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "heddle/text/models/byte_trie.h"
#include "heddle/text/models/cut_lattice.h"
#include "heddle/text/models/remembering_model.h"
#include "heddle/text/models/token_borders.h"

namespace heddle::text {

class Unigram : public RememberingModel {
 public:
  // Tokens with their log-probabilities, by id. unk_id: the token for characters that are none, which cost 10 more than
  // the least probable token; neighbouring ones are one token. kNone: such characters are an InputError.
  Unigram(std::vector<std::pair<std::string, double>> tokens, int32_t unk_id, bool byte_fallback);
  void tokenize(std::string_view piece, bool as_bytes, std::vector<Token>& tokens) const override;
  void sample(std::string_view piece, bool as_bytes, const SubwordSampling& how, RandomStream& random,
              std::vector<Token>& tokens) const override;
  bool scores_cuts() const override { return true; }
  std::vector<ScoredCut> best_cuts(std::string_view piece, bool as_bytes, int64_t most) const override;
  void write(JsonWriter& json) const override;

  double score(int32_t id) const { return scores_[static_cast<size_t>(id)]; }
  int32_t unk_id() const { return unk_; }
  bool byte_fallback() const { return byte_fallback_; }

 protected:
  // A long piece, as text without spaces is, is cut part by part at the borders that no token goes across, and parts
  // are remembered. Where two ways to cut a part are as good but for rounding, sums from the piece's beginning decide,
  // as in tokenize().
  void append_ids(std::string_view piece, bool as_bytes, std::vector<int32_t>& ids) const override;

 private:
  // The best way to cut text[0, i): what it adds up to, and its last token.
  struct Best {
    double score = 0;
    int32_t begin = -1;
    int32_t id = 0;
  };
  struct Cut {
    uint32_t begin, end;
    int32_t id;
  };
  class Parts;

  template <class Use>
  void each_edge(std::string_view piece, Use&& use) const;
  void build(std::string_view piece, CutLattice& lattice) const;
  void add_cut(std::string_view piece, const CutLattice::Cut& cut, std::vector<Token>& tokens) const;
  bool find_best(std::string_view text, double score, std::vector<Best>& best) const;
  void read_back(const std::vector<Best>& best, size_t from, std::vector<Cut>& cuts) const;
  void add(std::string_view piece, uint32_t begin, uint32_t end, std::vector<Token>& tokens) const;

  std::vector<double> scores_;  // by id, as given
  std::vector<double> read_scores_;
  ByteTrie trie_;
  TokenBorders borders_;
  double unk_score_;
  double longest_in_parts_ = 0;  // bytes of a piece that may be cut in parts: beyond, rounding may add up to something
  int32_t unk_;
  bool byte_fallback_;
  std::array<int32_t, 256> fallback_{};  // of "<0x00>" and so on
};

ModelPtr read_unigram(const JsonView& json);

}  // namespace heddle::text
