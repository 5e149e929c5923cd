#pragma once
// The third step of the pipeline: each piece of a text becomes tokens of a vocabulary.

#include <memory>
#include <optional>
#include <vector>

#include "heddle/text/models/subword_sampling.h"
#include "heddle/text/models/vocabulary.h"
#include "heddle/text/pieces.h"

namespace heddle::text {

// Bytes [begin, end) of a piece are the token `id`.
struct Token {
  int32_t id;
  uint32_t begin, end;
  bool surface = false;  // shown as the bytes themselves, since the vocabulary lacks them

  bool operator==(const Token&) const = default;
};

// A way to cut a piece, and the sum of its tokens' log-probabilities.
struct ScoredCut {
  std::vector<Token> tokens;
  double score = 0;
};

class Model {
 public:
  virtual ~Model() = default;

  const Vocabulary& vocabulary() const { return vocabulary_; }

  // Whether tokenize() can read the bytes that byte-level characters stand for in place of the characters.
  virtual bool reads_bytes() const { return false; }
  // Appends the tokens of a piece that is not empty. Throws InputError for what is unknown where the vocabulary has no
  // token for that. Any number of threads may call it at once.
  virtual void tokenize(std::string_view piece, bool as_bytes, std::vector<Token>& tokens) const = 0;
  // Appends the ids of all pieces, added tokens included: the same as tokenize() gives, from memory where a piece was
  // met before. What is remembered is bounded, and the same for all threads.
  virtual void encode(const Pieces& pieces, std::vector<int32_t>& ids) const;
  // Whether tokenize() gives the same each time.
  virtual bool is_deterministic() const { return true; }
  // The same as tokenize(), but cut at random; a model that knows one way to cut a piece takes that.
  virtual void sample(std::string_view piece, bool as_bytes, const SubwordSampling&, RandomStream&,
                      std::vector<Token>& tokens) const {
    tokenize(piece, as_bytes, tokens);
  }
  // Whether ways to cut a piece have probabilities.
  virtual bool scores_cuts() const { return false; }
  // Up to `most` ways to cut a piece that is not empty, the most probable first; without probabilities the one of
  // tokenize().
  virtual std::vector<ScoredCut> best_cuts(std::string_view piece, bool as_bytes, int64_t) const {
    std::vector<ScoredCut> cuts(1);
    tokenize(piece, as_bytes, cuts[0].tokens);
    return cuts;
  }
  // Its members in tokenizer.json, "type" first; the caller writes the braces.
  virtual void write(JsonWriter& json) const = 0;

 protected:
  explicit Model(Vocabulary vocabulary) : vocabulary_(std::move(vocabulary)) {}

 private:
  Vocabulary vocabulary_;
};

using ModelPtr = std::shared_ptr<const Model>;

// The model that stands at `json`. Throws InputError for a kind that is not known.
ModelPtr read_model(const JsonView& json);

}  // namespace heddle::text
