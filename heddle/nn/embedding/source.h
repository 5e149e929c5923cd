#pragma once
// Where token vectors come from: a table with a row for each token, or something smaller, or of more use to rare
// tokens.

#include <memory>
#include <span>

#include "heddle/nn/idea.h"
#include "heddle/nn/pass.h"
#include "heddle/nn/place.h"
#include "heddle/tensor/rows.h"

namespace heddle::nn {

struct EmbeddingSourceConfig {
  std::string kind = "table";
  int64_t vocab_size = 0;
  int64_t width = 0;
  int64_t rank = 0;             // of factorised; 0: a quarter of the width
  int64_t buckets = 0;          // of hashing and quotient_remainder; 0: as the kind says
  int64_t hashes = 2;           // of hashing
  std::string hash = "modulo";  // of hashing: modulo, consistent
  double weight = 1;            // a fixed factor on its vectors
};

namespace embeddings {

class Source {
 public:
  virtual ~Source() = default;
  // scale·vector of each token, [tokens, width]. Throws InputError for ids beyond the vocabulary.
  virtual Tensor vectors(const Pass& pass, std::span<const int32_t> ids, double scale, const Rows& rows) const = 0;
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
