#pragma once
// Byte-pair encoding (Sennrich et al. 2016): the symbols of a piece are joined pair by pair, the earliest learned merge
// first, leftmost first.

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "heddle/text/models/bpe_search.h"
#include "heddle/text/models/byte_joiner.h"
#include "heddle/text/models/merges.h"
#include "heddle/text/models/remembering_model.h"

namespace heddle::text {

struct BpeOptions {
  double dropout = 0;                     // of tokenize(), from a stream of each thread; for training there is sample()
  std::string unk_token;                  // for characters that are no token; empty: they are left out
  std::string continuing_subword_prefix;  // before symbols that do not begin a piece
  std::string end_of_word_suffix;         // after the symbol that ends one
  bool fuse_unk = false;                  // neighbouring unknown characters are one token
  bool byte_fallback = false;             // unknown characters become their bytes, tokens such as "<0xE2>"
  bool ignore_merges = false;             // a piece that is a token is that token
  bool rank_by_token = false;             // merges that give the same token rank with the first of them, as in tiktoken
};

class Bpe : public RememberingModel {
 public:
  // Merges are pairs of ids, the first first. Throws InputError for a merge whose result is no token, an unk_token that
  // is none, and a dropout that is no probability.
  Bpe(Vocabulary vocabulary, std::vector<std::pair<int32_t, int32_t>> merges, BpeOptions options = {});

  bool reads_bytes() const override { return reads_bytes_; }
  bool is_deterministic() const override { return options_.dropout == 0; }
  void tokenize(std::string_view piece, bool as_bytes, std::vector<Token>& tokens) const override;
  void sample(std::string_view piece, bool as_bytes, const SubwordSampling& how, RandomStream& random,
              std::vector<Token>& tokens) const override;
  void write(JsonWriter& json) const override;

  const std::vector<std::pair<int32_t, int32_t>>& merges() const { return merges_; }
  const BpeOptions& options() const { return options_; }

 protected:
  void append_ids(std::string_view piece, bool as_bytes, std::vector<int32_t>& ids) const override;

 private:
  std::optional<int32_t> whole(std::string_view piece, bool as_bytes) const;
  template <class Join>
  void cut(std::string_view piece, bool as_bytes, std::vector<Token>& tokens, Join&& join) const;
  void add_symbols(std::string_view piece, std::vector<Symbol>& symbols) const;
  bool add_bytes(std::string_view symbol, std::vector<Symbol>& symbols) const;

  std::vector<std::pair<int32_t, int32_t>> merges_;
  BpeOptions options_;
  Merges table_;
  // Of pieces read as bytes, if the merges allow it.
  std::optional<BpeSearch> search_;
  std::optional<ByteJoiner> joiner_;
  int32_t unk_ = Vocabulary::kNone;
  bool reads_bytes_ = false;               // all byte-level characters are tokens, and nothing is put around symbols
  std::array<int32_t, 256> id_of_byte_{};  // of byte-level characters
  std::array<int32_t, 256> fallback_{};    // of "<0x00>" and so on
};

ModelPtr read_bpe(const JsonView& json);

}  // namespace heddle::text
