#pragma once
// What SentencePiece's models (Kudo and Richardson 2018) share. They read a whole text at once, spaces written "▁"
// included, and know kinds of pieces: a user-defined one is found wherever it stands, a control piece never.

#include <array>
#include <string>
#include <vector>

#include "heddle/text/models/byte_trie.h"
#include "heddle/text/models/merges.h"
#include "heddle/text/models/remembering_model.h"

namespace heddle::text {

struct SentencePiece {
  // As numbered in a .model file.
  enum class Kind : uint8_t { normal = 1, unknown = 2, control = 3, user_defined = 4, unused = 5, byte = 6 };

  std::string text;
  float score = 0;
  Kind kind = Kind::normal;

  // Whether the text of this piece may be what a part of a text becomes.
  bool is_text() const { return kind == Kind::normal || kind == Kind::user_defined || kind == Kind::unused; }
};

class SentencePieceModel : public RememberingModel {
 public:
  static constexpr size_t kLongest = 1024;  // bytes of a piece

  void tokenize(std::string_view piece, bool as_bytes, std::vector<Token>& tokens) const override;
  void sample(std::string_view piece, bool as_bytes, const SubwordSampling& how, RandomStream& random,
              std::vector<Token>& tokens) const override;
  void write(JsonWriter& json) const override;

  const std::vector<SentencePiece>& pieces() const { return pieces_; }
  int32_t unk_id() const { return unk_; }  // kNone: there is none, and byte_fallback
  bool byte_fallback() const { return byte_fallback_; }

 protected:
  // Throws InputError for pieces that are empty, too long, hold a zero byte (but for unused ones that are nothing else)
  // or stand twice; scores that are no numbers; not exactly one unknown piece, or without bytes none; byte pieces that
  // are not all there, or there without byte_fallback.
  SentencePieceModel(std::vector<SentencePiece> pieces, bool byte_fallback);

  // Appends the segments of a text, each a piece, or unk_id() for one character.
  virtual void segment(std::string_view text, std::vector<Symbol>& segments) const = 0;
  // The same, cut at random.
  virtual void sample_segments(std::string_view text, const SubwordSampling& how, RandomStream& random,
                               std::vector<Symbol>& segments) const = 0;
  virtual const char* type() const = 0;
  // The tokens of these segments, end to end in the text.
  void add(std::string_view text, const std::vector<Symbol>& segments, std::vector<Token>& tokens) const;

 private:
  std::vector<SentencePiece> pieces_;
  int32_t unk_ = Vocabulary::kNone;
  bool byte_fallback_;
  std::array<int32_t, 256> id_of_byte_{};
};

// User-defined pieces: found before anything else, the longest at each place.
class UserDefinedSymbols {
 public:
  UserDefinedSymbols() = default;
  explicit UserDefinedSymbols(const std::vector<std::string>& symbols);
  // The length of the longest one that `text` begins with; 0: none.
  size_t longest_prefix(std::string_view text) const { return trie_.longest_prefix(text).length; }

 private:
  ByteTrie trie_;
};

std::vector<std::string> user_defined_symbols(const std::vector<SentencePiece>& pieces);
// The members "pieces" and "byte_fallback" of a model in a tokenizer.json.
std::vector<SentencePiece> read_sentence_pieces(const JsonView& json);

}  // namespace heddle::text
