#pragma once
// Where token vectors come from: a table with a row for each token, or something smaller, or of more use to rare
// tokens.

#include <memory>
#include <span>

#include "heddle/nn/embedding/token_facts.h"
#include "heddle/nn/idea.h"
#include "heddle/nn/pass.h"
#include "heddle/nn/place.h"
#include "heddle/tensor/rows.h"

namespace heddle::nn {

struct EmbeddingSourceConfig {
  std::string kind = "table";
  int64_t vocab_size = 0;
  int64_t width = 0;
  int64_t rank = 0;             // of factorised, 0: a quarter of the width; of vectors, 0: the width
  int64_t buckets = 0;          // of hashing and quotient_remainder; 0: as the kind says
  int64_t hashes = 2;           // of hashing
  std::string hash = "modulo";  // of hashing: modulo, consistent
  int64_t characters = 16;      // of characters: bytes of a token that are read
  int64_t character_width = 16;
  int64_t convolutions = 4;  // the longest filter
  std::string file = {};     // of vectors
  bool frozen = true;
  double weight = 1;  // a fixed factor on its vectors
};

// What an output layer may share with token vectors: E [V, r] of logits E·Pᵀ·x, and P [d, r] unless r = d.
struct TiedOutput {
  ParameterId table = kNoParameter, projection = kNoParameter;
};

namespace embeddings {

class Source {
 public:
  virtual ~Source() = default;
  // scale·vector of each token, [tokens, width]. Throws InputError for ids beyond the vocabulary.
  virtual Tensor vectors(const Pass& pass, std::span<const int32_t> ids, double scale, const Rows& rows) const = 0;
  // Nothing for sources without a row for each token.
  virtual TiedOutput tied_output() const { return {}; }
  // Of a new model: what it must know of the tokens becomes numbers of its weights.
  virtual void learn_tokens(const TokenFacts&, WeightSet&) const {}
};

struct Entry {
  Idea idea;
  std::unique_ptr<Source> (*make)(const Place& place, const EmbeddingSourceConfig& config);
};

std::span<const Entry> all();
// Throws InputError for an unknown name.
const Entry& find(std::string_view name);

}  // namespace embeddings
}  // namespace heddle::nn
